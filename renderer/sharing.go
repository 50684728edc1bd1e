package main

import (
	"errors"
	"path/filepath"
	"slices"

	"sigs.k8s.io/kustomize/api/ifc"
	"sigs.k8s.io/kustomize/api/internal/accumulator"
	"sigs.k8s.io/kustomize/api/internal/builtins"
	"sigs.k8s.io/kustomize/api/internal/loader"
	"sigs.k8s.io/kustomize/api/internal/plugins/builtinconfig"
	plugins "sigs.k8s.io/kustomize/api/internal/plugins/loader"
	"sigs.k8s.io/kustomize/api/internal/target"
	"sigs.k8s.io/kustomize/api/provider"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/kustomize/kyaml/openapi"
)

// An API's base is part of each of its overlays, and an overlay is part of what is generated around it: without more ado
// one API in three environments has its base built six times and each overlay twice. kustomize works inwards out: it
// accumulates what a folder's `resources` name, each on its own, and goes on with the sum; names, hashes and order are
// settled at the very end. So what it accumulated of a folder is good for every build that comes by that folder and finds
// the same files, and kustomize's own code does both parts of the work.

const (
	maxShared = 64 << 10  // bytes of files: a kustomization with more is built as ever, and nothing of it kept
	maxKept   = 8         // folders: more than one API has. What is kept of each is bounded by the four below
	maxNodes  = 5_000     // YAML nodes
	maxText   = 256 << 10 // bytes of their texts, which a long prefix of many names makes of few
	maxSpecs  = 1_000     // places in the transformers' configuration, which has 250 unless CRDs add to it
	maxSights = 1_000     // paths that were looked at
	maxAsked  = 10_000    // paths that one build looks at, counting those of what it takes from what is kept
	maxLevels = 16        // folders within each other
)

// errUnshared: kustomize is to build it from end to end, and to say what is wrong with it if something is.
var errUnshared = errors.New("not by parts")

// accumulated is what kustomize made of a folder before a kustomization around it has its say.
type accumulated struct {
	folder  string
	seen    []sight  // all that was looked at to make it, also where nothing was
	entered []string // the folders of the kustomizations within
	objects *graph
	config  *builtinconfig.TransformerConfig
	isPlain bool // as the root of a build, it wants nothing done to the finished objects
}

// sharer builds, and keeps what it accumulated of folders within others.
type sharer struct {
	factory *resmap.Factory
	checks  ifc.Validator
	plugins *plugins.Loader
	kept    []*accumulated // the one that was used last is the last one
}

func newSharer() *sharer {
	parts := provider.NewDepProvider()
	factory := resmap.NewFactory(parts.GetResourceFactory())
	none := plugins.NewLoader(types.DisabledPluginConfig(), factory, filesys.MakeFsInMemory())
	return &sharer{factory: factory, checks: parts.GetFieldValidator(), plugins: none}
}

// run is krusty's Run with our options.
func (s *sharer) run(system *tree, folder string) (resmap.ResMap, error) {
	within, err := loader.NewLoader(loader.RestrictionRootOnly, folder, system)
	if err != nil {
		return nil, err
	}
	if err := openapi.SetSchema(nil, nil, true); err != nil {
		return nil, err
	}
	total, err := s.root(system, within)
	if err != nil {
		return nil, err
	}
	if schemaVersion != "" {
		return nil, errUnshared
	}
	return s.finished(within, total)
}

// root accumulates the folder that is to be rendered. What is kept of it was kept for this: it is the last use.
func (s *sharer) root(system *tree, within ifc.Loader) (*accumulator.ResAccumulator, error) {
	known := s.take(system, within.Root(), nil)
	if known == nil {
		total, _, err := s.accumulate(system, within, nil)
		return total, err
	}
	if !known.isPlain {
		return nil, errUnshared
	}
	total := accumulator.MakeEmptyAccumulator()
	*total.GetTransformerConfig() = *known.config
	return total, total.AppendAll(s.factory.FromResourceSlice(known.objects.objects))
}

// accumulate is KustTarget's AccumulateTarget, which takes the folders in `resources` from what is kept. It says besides
// whether the kustomization wants something that is done to finished objects.
func (s *sharer) accumulate(system *tree, within ifc.Loader, around []string) (*accumulator.ResAccumulator, bool, error) {
	here := target.NewKustTarget(within, s.checks, s.factory, s.plugins)
	if err := here.Load(); err != nil {
		return nil, false, err
	}
	own := kustomization(here)
	isPlain, isRoot := len(own.BuildMetadata) == 0 && own.SortOptions == nil, len(around) == 0
	if len(own.OpenAPI) > 0 || own.Kind == types.ComponentKind || isRoot && !isPlain || len(around) > maxLevels {
		return nil, false, errUnshared
	}
	paths, around := own.Resources, append(slices.Clip(around), within.Root())
	own.Resources = nil     // as we go through them ourselves; accumulateTarget does the rest of this very object
	own.BuildMetadata = nil // kustomize asks only that of the root
	total := accumulator.MakeEmptyAccumulator()
	for _, path := range paths {
		var err error
		if system.at(filepath.Join(within.Root(), path)).isFolder {
			err = s.merge(system, total, within, path, around)
		} else {
			total, err = accumulateResources(here, total, []string{path})
		}
		if err != nil {
			return nil, false, err
		}
	}
	total, err := accumulateTarget(here, total)
	return total, isPlain, err
}

// merge is what KustTarget does with a folder among its resources.
func (s *sharer) merge(
	system *tree, total *accumulator.ResAccumulator, within ifc.Loader, path string, around []string,
) error {
	inner, err := within.New(path)
	if err != nil {
		return err
	}
	known := s.take(system, inner.Root(), around)
	if known != nil {
		system.asked, system.entered = append(system.asked, known.seen...), append(system.entered, known.entered...)
	} else {
		asked, entered := len(system.asked), len(system.entered)
		made, isPlain, err := s.accumulate(system, inner, around)
		if err != nil {
			return err
		}
		if schemaVersion != "" {
			return errUnshared
		}
		known = &accumulated{inner.Root(), once(system.asked[asked:], func(one sight) string { return one.path }),
			once(system.entered[entered:], func(folder string) string { return folder }),
			graphOf(made.ResMap().Resources()), made.GetTransformerConfig(), isPlain}
		if len(made.Vars()) > 0 || !known.isKeepable() {
			return total.MergeAccumulator(made)
		}
	}
	if len(system.asked)+len(system.entered) > maxAsked {
		return errUnshared
	}
	s.keep(known)
	if err := total.AppendAll(known.objects.copied(s.factory)); err != nil {
		return err
	}
	return total.MergeConfig(known.config.DeepCopy())
}

// take returns what is kept of a folder, and keeps it no longer, if all that was looked at for it is the same in this
// file system. kustomize lets no kustomization include one that it is within: what a folder around would forbid stays.
func (s *sharer) take(system *tree, folder string, around []string) *accumulated {
	for index, known := range s.kept {
		if known.folder == folder && system.shows(known.seen) && !leadsBack(known.entered, around) {
			s.kept = slices.Delete(s.kept, index, index+1)
			return known
		}
	}
	return nil
}

// leadsBack is whether a folder around lies in one that was built within, or is it.
func leadsBack(entered, around []string) bool {
	return slices.ContainsFunc(entered, func(each string) bool {
		return slices.ContainsFunc(around, func(outer string) bool {
			return filesys.ConfirmedDir(outer).HasPrefix(filesys.ConfirmedDir(each))
		})
	})
}

func (s *sharer) keep(latest *accumulated) {
	if len(s.kept) == maxKept {
		s.kept = slices.Delete(s.kept, 0, 1)
	}
	s.kept = append(s.kept, latest)
}

// once is the values without those whose key was there before, in a slice of its own.
func once[T any](values []T, key func(T) string) (found []T) {
	seen := map[string]bool{}
	for _, value := range values {
		if !seen[key(value)] {
			seen[key(value)] = true
			found = append(found, value)
		}
	}
	return found
}

func (a *accumulated) isKeepable() bool {
	return a.objects != nil && len(a.seen) <= maxSights && len(a.entered) <= maxSights && specs(a.config) <= maxSpecs
}

// specs counts the places that transformers are configured with; a long one counts for more.
func specs(config *builtinconfig.TransformerConfig) (found int) {
	lists := []types.FsSlice{config.NamePrefix, config.NameSuffix, config.NameSpace, config.CommonLabels, config.Labels,
		config.TemplateLabels, config.CommonAnnotations, config.VarReference, config.Images, config.Replicas}
	for _, reference := range config.NameReference {
		lists = append(lists, reference.Referrers)
		found++
	}
	for _, list := range lists {
		for _, spec := range list {
			found += 1 + len(spec.Path)/256
		}
	}
	return found
}

// finished does what kustomize does at the end of a build, as KustTarget's MakeCustomizedResMap and krusty's Run do it.
func (s *sharer) finished(within ifc.Loader, total *accumulator.ResAccumulator) (resmap.ResMap, error) {
	hashes := builtins.NewHashTransformerPlugin()
	if err := hashes.Config(resmap.NewPluginHelpers(within, s.checks, s.factory, s.plugins.Config()), nil); err != nil {
		return nil, err
	}
	if err := total.Transform(hashes); err != nil {
		return nil, err
	}
	if err := total.FixBackReferences(); err != nil {
		return nil, err
	}
	if err := total.ResolveVars(); err != nil {
		return nil, err
	}
	if err := target.NewKustTarget(within, s.checks, s.factory, s.plugins).IgnoreLocal(total); err != nil {
		return nil, err
	}
	objects := total.ResMap()
	order := builtins.SortOrderTransformerPlugin{SortOptions: &types.SortOptions{Order: types.LegacySortOrder}}
	if err := order.Transform(objects); err != nil {
		return nil, err
	}
	objects.RemoveBuildAnnotations()
	if err := objects.RemoveOriginAnnotations(); err != nil {
		return nil, err
	}
	return objects, objects.RemoveTransformerAnnotations()
}
