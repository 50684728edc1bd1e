//go:build race

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/openapi"
)

// TestConcurrentBuilds is no part of what the helper does: it measures whether goroutines could do the work of
// processes. Goroutines share the requests; then each is built once more, as the helper does it.
func TestConcurrentBuilds(t *testing.T) {
	if *frames == "" {
		t.Skip("without -frames there is nothing to build")
	}
	asked := read(t)
	found := make([]string, len(asked))
	var next atomic.Int64
	var wait sync.WaitGroup
	wait.Add(4)
	for range 4 {
		go func() {
			defer wait.Done()
			for index := next.Add(1) - 1; index < int64(len(asked)); index = next.Add(1) - 1 {
				found[index] = built(asked[index])
			}
		}()
	}
	wait.Wait()
	openapi.ResetOpenAPI()
	differing := 0
	for index, one := range asked {
		if handle(map[string]file{}, nil, one).Text != found[index] {
			differing++
		}
	}
	fmt.Printf("%d of %d are rendered otherwise than alone\n", differing, len(asked))
}

func read(t *testing.T) (asked []request) {
	file, err := os.Open(*frames)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for in := bufio.NewReader(file); ; {
		var one request
		if err := receive(in, &one); errors.Is(err, io.EOF) {
			return asked
		} else if err != nil {
			t.Fatal(err)
		}
		asked = append(asked, one)
	}
}

// built is what kustomize makes of it, with nothing of ours but the file system, which no other build sees.
func built(asked request) (text string) {
	defer func() {
		if cause := recover(); cause != nil {
			text = ""
		}
	}()
	system := newTree()
	for path, key := range asked.Files {
		if data, ok := asked.AddBytes[key]; ok {
			system.add("/r/"+path, data)
		} else {
			system.add("/r/"+path, []byte(asked.Add[key]))
		}
	}
	objects, err := krusty.MakeKustomizer(options()).Run(system, "/r/"+asked.Folder)
	if err != nil {
		return ""
	}
	return written(objects, asked.Output).Text
}
