package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// tree is the file system of one build, with what kustomize asks of one while it builds. kustomize's own file system
// in memory is not enough: it refuses names with a blank, a plus or an equals sign, which a disk has. It stands behind
// this one, empty, for whatever else there may be to ask.
type tree struct {
	filesys.FileSystem
	files   map[string][]byte // by absolute path
	folders map[string]bool
}

// missing unwraps to what a disk says.
type missing string

func (m missing) Error() string { return fmt.Sprintf("'%s' doesn't exist", string(m)) }
func (m missing) Unwrap() error { return os.ErrNotExist }

func newTree() tree {
	return tree{filesys.MakeFsInMemory(), map[string][]byte{}, map[string]bool{"/": true}}
}

func (t tree) add(path string, data []byte) {
	t.files[path] = data
	for folder := filepath.Dir(path); !t.folders[folder]; folder = filepath.Dir(folder) {
		t.folders[folder] = true
	}
}

func (t tree) IsDir(path string) bool { return t.folders[filepath.Clean(path)] }

func (t tree) Exists(path string) bool {
	_, ok := t.files[filepath.Clean(path)]
	return ok || t.IsDir(path)
}

func (t tree) ReadFile(path string) ([]byte, error) {
	data, ok := t.files[filepath.Clean(path)]
	if !ok {
		return nil, missing(path)
	}
	return bytes.Clone(data), nil // the next build reads it too
}

func (t tree) CleanedAbs(path string) (filesys.ConfirmedDir, string, error) {
	path = filepath.Clean(path)
	if t.folders[path] {
		return filesys.ConfirmedDir(path), "", nil
	}
	if _, ok := t.files[path]; !ok {
		return "", "", missing(path)
	}
	return filesys.ConfirmedDir(filepath.Dir(path)), filepath.Base(path), nil
}
