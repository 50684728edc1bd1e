package main

import (
	"reflect"
	_ "unsafe" // for go:linkname

	"sigs.k8s.io/kustomize/api/internal/accumulator"
	"sigs.k8s.io/kustomize/api/internal/target"
	"sigs.k8s.io/kustomize/api/types"
)

// What kustomize's own packages keep to themselves, and sharing.go needs. The module's path lies below
// sigs.k8s.io/kustomize/api/, so Go lets it import their internal packages, unchanged, as go.sum pins them; a version
// without these names does not link.

//go:linkname accumulateResources sigs.k8s.io/kustomize/api/internal/target.(*KustTarget).accumulateResources
func accumulateResources(*target.KustTarget, *accumulator.ResAccumulator, []string) (*accumulator.ResAccumulator, error)

//go:linkname accumulateTarget sigs.k8s.io/kustomize/api/internal/target.(*KustTarget).accumulateTarget
func accumulateTarget(*target.KustTarget, *accumulator.ResAccumulator) (*accumulator.ResAccumulator, error)

// schemaVersion is "" until a kustomization says `openapi:`, also the version that is the default: from then on kustomize
// ignores what others say in the same build.
//
//go:linkname schemaVersion sigs.k8s.io/kustomize/kyaml/openapi.kubernetesOpenAPIVersion
var schemaVersion string

// kustomization is the one that a target has loaded, which its own Kustomization copies by way of JSON.
func kustomization(of *target.KustTarget) *types.Kustomization {
	return (*types.Kustomization)(reflect.ValueOf(of).Elem().FieldByName("kustomization").UnsafePointer())
}
