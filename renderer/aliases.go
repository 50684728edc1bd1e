package main

import (
	"bytes"

	"sigs.k8s.io/kustomize/kyaml/yaml"
)

const (
	maxExpansion = 512 << 10
	maxNesting   = 8  // YAML in a text in YAML: an inline patch is one level
	nodeWeight   = 16 // what even an empty node counts
)

// expansion returns how many bytes the aliases of a YAML text stand for. kustomize writes out every alias, so that 300
// bytes can become gigabytes. What is not YAML counts nothing: kustomize does not get past it either.
func expansion(data []byte) int {
	return expansionAt(data, 0)
}

func expansionAt(data []byte, depth int) int {
	if !mayAlias(data) {
		return 0
	}
	if depth > maxNesting {
		return maxExpansion + 1
	}
	// Both as one stream and cut where kustomize cuts it, as the two can differ.
	total := stream(data, depth)
	if parts := bytes.Split(data, []byte("\n---")); len(parts) > 1 {
		for _, part := range parts {
			total = capped(total + stream(part, depth))
		}
	}
	return total
}

// mayAlias is whether there can be an anchor and an alias, perhaps written as escapes in a quoted text.
func mayAlias(data []byte) bool {
	escapes := bytes.IndexByte(data, '\\') >= 0
	return (escapes || bytes.IndexByte(data, '&') >= 0) && (escapes || bytes.IndexByte(data, '*') >= 0)
}

func stream(data []byte, depth int) (total int) {
	defer func() {
		if recover() != nil { // what panics the parser is not for kustomize, which uses the same one
			total = maxExpansion + 1
		}
	}()
	for decoder := yaml.NewDecoder(bytes.NewReader(data)); ; {
		var document yaml.Node
		if decoder.Decode(&document) != nil {
			return total
		}
		if len(document.Content) == 1 && document.Content[0].Kind == yaml.ScalarNode {
			continue // a text, and no YAML within it: kustomize goes no deeper
		}
		counter := counter{sizes: map[*yaml.Node]int{}, depth: depth}
		counter.size(&document)
		total = capped(total + counter.total)
	}
}

type counter struct {
	sizes map[*yaml.Node]int // with every alias below written out
	depth int
	total int
}

func (c *counter) size(node *yaml.Node) int {
	if size, known := c.sizes[node]; known {
		return size
	}
	c.sizes[node] = maxExpansion + 1 // what a node that contains itself finds
	size := nodeWeight + len(node.Value)
	if node.Kind == yaml.AliasNode {
		size = c.size(node.Alias)
		c.total = capped(c.total + size)
	} else if node.Kind == yaml.ScalarNode {
		c.total = capped(c.total + expansionAt([]byte(node.Value), c.depth+1))
	}
	for _, child := range node.Content {
		size = capped(size + c.size(child))
	}
	c.sizes[node] = size
	return size
}

func capped(size int) int {
	return min(size, maxExpansion+1)
}
