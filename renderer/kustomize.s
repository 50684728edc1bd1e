// Go asks for this file where a function's body is another package's: see the declarations in kustomize.go.
