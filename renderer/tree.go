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
// this one, empty, for whatever else there may be to ask. The tree notes what it was asked and what it answered.
type tree struct {
	filesys.FileSystem
	files   map[string][]byte // by absolute path
	folders map[string]bool
	asked   []sight
	entered []string // folders that were confirmed, as those of kustomizations are
}

// sight is what is at a clean absolute path: a file, a folder or nothing.
type sight struct {
	path             string
	data             []byte
	isFile, isFolder bool
}

// missing unwraps to what a disk says.
type missing string

func (m missing) Error() string { return fmt.Sprintf("'%s' doesn't exist", string(m)) }
func (m missing) Unwrap() error { return os.ErrNotExist }

func newTree() *tree {
	empty := filesys.MakeFsInMemory()
	return &tree{FileSystem: empty, files: map[string][]byte{}, folders: map[string]bool{"/": true}}
}

func (t *tree) add(path string, data []byte) {
	t.files[path] = data
	for folder := filepath.Dir(path); !t.folders[folder]; folder = filepath.Dir(folder) {
		t.folders[folder] = true
	}
}

func (t *tree) at(path string) sight {
	data, isFile := t.files[path]
	return sight{path, data, isFile, t.folders[path]}
}

func (t *tree) see(path string) sight {
	found := t.at(filepath.Clean(path))
	t.asked = append(t.asked, found)
	return found
}

// shows is whether what was seen in another tree is the same in this one.
func (t *tree) shows(seen []sight) bool {
	for _, other := range seen {
		here := t.at(other.path)
		if here.isFile != other.isFile || here.isFolder != other.isFolder || !bytes.Equal(here.data, other.data) {
			return false
		}
	}
	return true
}

func (t *tree) IsDir(path string) bool { return t.see(path).isFolder }

func (t *tree) Exists(path string) bool {
	found := t.see(path)
	return found.isFile || found.isFolder
}

func (t *tree) ReadFile(path string) ([]byte, error) {
	found := t.see(path)
	if !found.isFile {
		return nil, missing(path)
	}
	return bytes.Clone(found.data), nil // the next build reads it too
}

func (t *tree) CleanedAbs(path string) (filesys.ConfirmedDir, string, error) {
	switch found := t.see(path); {
	case found.isFolder:
		t.entered = append(t.entered, found.path)
		return filesys.ConfirmedDir(found.path), "", nil
	case found.isFile:
		return filesys.ConfirmedDir(filepath.Dir(found.path)), filepath.Base(found.path), nil
	}
	return "", "", missing(filepath.Clean(path))
}
