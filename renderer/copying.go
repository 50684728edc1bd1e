package main

import (
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// graph is the YAML nodes of some objects, and how to copy them so that the copies hang together as the nodes do.
//
// kustomize's DeepCopy makes trees, but what kustomize works on is none: commonLabels, for one, puts one and the same
// node in labels and selectors, so that a label that is changed later changes the selector, too. Whoever renders as
// kustomize does has to get that right.
type graph struct {
	objects []*resource.Resource
	roots   []int // of each object, as places in nodes
	nodes   []*yaml.Node
	lists   []list
	within  []int // of each node, the place in lists of its children; -1 for none
	room    int   // of all lists
}

// list is the array behind the Content of one node or more, which may see more or less of it.
type list struct {
	room     int
	children []int // as places in nodes; -1 for nil
}

// surveyor finds out what a graph is made of.
type surveyor struct {
	graph
	places      map[*yaml.Node]int
	first, last map[**yaml.Node]int // places in lists, by where an array begins and ends
	text        int                 // bytes
}

// graphOf returns nil for more than we keep, and for what would have to be copied otherwise.
func graphOf(objects []*resource.Resource) *graph {
	found := surveyor{graph{objects: objects}, map[*yaml.Node]int{}, map[**yaml.Node]int{}, map[**yaml.Node]int{}, 0}
	for _, object := range objects {
		root, ok := found.add(object.Document())
		if !ok || root < 0 || len(object.GetRefVarNames())+len(object.FieldPath())+len(object.Match) > 0 {
			return nil
		}
		found.roots = append(found.roots, root)
	}
	made := found.graph // without what it was found by
	return &made
}

func (s *surveyor) add(node *yaml.Node) (place int, ok bool) {
	if node == nil {
		return -1, true
	}
	if place, ok = s.places[node]; ok {
		return place, true
	}
	s.text += len(node.Value) + len(node.Tag) + len(node.HeadComment) + len(node.LineComment) + len(node.FootComment)
	if node.Alias != nil || len(s.nodes) == maxNodes || s.text > maxText {
		return 0, false
	}
	place = len(s.nodes)
	s.places[node] = place
	s.nodes, s.within = append(s.nodes, node), append(s.within, -1)
	if cap(node.Content) == 0 {
		return place, true
	}
	at, ok := s.list(node.Content)
	s.within[place] = at
	for ok && len(s.lists[at].children) < len(node.Content) {
		next := len(s.lists[at].children)
		s.lists[at].children = append(s.lists[at].children, -1) // what is below it may have the same list
		var child int
		child, ok = s.add(node.Content[next])
		s.lists[at].children[next] = child
	}
	return place, ok
}

// list returns the place of the array behind a Content. It is not ok if another one begins or ends elsewhere in it.
func (s *surveyor) list(content []*yaml.Node) (int, bool) {
	whole := content[:cap(content)]
	first, last := &whole[0], &whole[len(whole)-1]
	at, begun := s.first[first]
	end, ended := s.last[last]
	if begun || ended {
		return at, begun && ended && at == end
	}
	at = len(s.lists)
	s.first[first], s.last[last] = at, at
	s.lists = append(s.lists, list{room: len(whole)})
	s.room += len(whole)
	return at, s.room <= 4*maxNodes
}

// copied is the objects once more, with nodes of their own.
func (g *graph) copied(factory *resmap.Factory) resmap.ResMap {
	nodes, room := make([]yaml.Node, len(g.nodes)), make([]*yaml.Node, g.room)
	contents := make([][]*yaml.Node, len(g.lists))
	for at, list := range g.lists {
		contents[at], room = room[:list.room:list.room], room[list.room:]
		for place, child := range list.children {
			if child >= 0 {
				contents[at][place] = &nodes[child]
			}
		}
	}
	for at, node := range g.nodes {
		nodes[at] = *node
		if within := g.within[at]; within >= 0 {
			nodes[at].Content = contents[within][:len(node.Content)]
		}
	}
	made := make([]*resource.Resource, len(g.objects))
	for at, object := range g.objects {
		made[at] = &resource.Resource{RNode: *yaml.NewRNode(&nodes[g.roots[at]])}
		made[at].ShouldKeep = object.ShouldKeep
	}
	return factory.FromResourceSlice(made)
}
