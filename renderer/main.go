// Command onboard-renderer renders kustomizations for onboarding_tool, with kustomize's own library and nothing else.
//
// It reads frames from stdin and writes one frame to stdout for each: four bytes of length, most significant first,
// then JSON (request and answer below). The files that a kustomization may see come with the request, into a file
// system in memory: there is no disk, no network and no other program to reach. It ends when stdin ends.
//
// One build at a time: kustomize keeps its OpenAPI schema in globals, so a build that brings its own would change what
// another one beside it renders. Whoever has more cores starts more processes.
package main

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"time"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/provenance"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/openapi"
)

const (
	maxFrame    = 64 << 20
	softMemory  = 160 << 20 // the garbage collector begins to work at it
	hardMemory  = 240 << 20 // the process ends above it; the binary's own pages come on top
	maxDuration = time.Minute
	maxDepth    = 256 // levels of an object that is given as JSON; whoever reads it may recurse
	exitMemory  = 70  // adapters/renderer.py knows these two
	exitTime    = 71
	outOfBounds = "too-large" // a failure that is none of kustomize's
)

// request is one kustomization to render. Files are named by keys that the caller chooses, such as a hash, and stay
// until the caller drops them, so that what many kustomizations share is sent once.
type request struct {
	Add      map[string]string `json:"add"`        // key -> text
	AddBytes map[string][]byte `json:"add_base64"` // key -> what is not UTF-8
	Drop     []string          `json:"drop"`
	Folder   string            `json:"folder"`
	Objects  bool              `json:"objects"` // answer with objects instead of text
	Files    map[string]string `json:"files"`   // path -> key; nothing else exists during the build
	Input    int               `json:"max_input"`
	Output   int               `json:"max_output"`
}

// answer has either the rendered text or objects, or a failure: error, panic, too-large or refused.
type answer struct {
	Text    string            `json:"text,omitempty"`
	Objects []json.RawMessage `json:"objects,omitempty"`
	Failure string            `json:"failure,omitempty"`
	Message string            `json:"message,omitempty"`
}

type file struct {
	data     []byte
	expanded int // bytes that its aliases stand for
}

var (
	busySince      atomic.Int64 // unix nanoseconds of the build's begin; 0 between builds
	reachedOut     bool         // the build at hand asked for the network
	ordinarySchema = openapi.GetSchemaVersion()
	// The tree's place in the file system in memory. Nobody can guess it, so no absolute path in a kustomization
	// leads into the tree, just as none would on a disk.
	root = "/" + rand.Text() + "/"
	// What kustomize says when it wanted something that is not here on purpose.
	refusals = []string{"no 'git' program on path", "must specify --enable-helm", "plugins disabled"}
	// What kustomize prints of a generator or a node that it does not like, other at each build.
	addresses = regexp.MustCompile(` &\{0x[0-9a-f]+ (<nil>|0x[0-9a-f]+)\}|\(0x[0-9a-f]+\)`)
)

type noNetwork struct{}

func (noNetwork) RoundTrip(*http.Request) (*http.Response, error) {
	reachedOut = true
	return nil, errors.New("rendering reaches no network")
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "version" {
		fmt.Println(provenance.GetProvenance().Semver())
		return
	}
	shutOut()
	runtime.GOMAXPROCS(1)  // every core has a process of its own; more threads only wake each other, 4% of a build
	debug.SetGCPercent(-1) // what it keeps is small, and each build drops all that it made
	debug.SetMemoryLimit(softMemory)
	go watch()
	openapi.Schema() // which the first build would parse; the caller still reads its files
	if err := serve(bufio.NewReader(os.Stdin), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "onboard-renderer:", err)
		os.Exit(1)
	}
}

// shutOut takes away what kustomize could reach beyond its file system. Without PATH it finds no git.
func shutOut() {
	os.Clearenv()
	http.DefaultTransport = noNetwork{}
}

// watch ends the process before it harms the machine. A build cannot be interrupted in any gentler way.
func watch() {
	sizes := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	for range time.Tick(5 * time.Millisecond) {
		if metrics.Read(sizes); sizes[0].Value.Uint64()-sizes[1].Value.Uint64() > hardMemory {
			os.Exit(exitMemory)
		}
		if since := busySince.Load(); since != 0 && time.Since(time.Unix(0, since)) > maxDuration {
			os.Exit(exitTime)
		}
	}
}

func serve(in io.Reader, out io.Writer) error {
	files, shared := map[string]file{}, newSharer()
	for {
		var asked request
		if err := receive(in, &asked); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		busySince.Store(time.Now().UnixNano())
		given := handle(files, shared, asked)
		busySince.Store(0)
		if err := send(out, given); err != nil {
			return err
		}
	}
}

func receive(in io.Reader, into *request) error {
	var size uint32
	if err := binary.Read(in, binary.BigEndian, &size); err != nil {
		return err // io.EOF only between two frames
	}
	if size > maxFrame {
		return fmt.Errorf("a frame of %d bytes; at most %d are read", size, maxFrame)
	}
	frame := make([]byte, size)
	if _, err := io.ReadFull(in, frame); err != nil {
		return io.ErrUnexpectedEOF
	}
	return json.Unmarshal(frame, into)
}

func send(out io.Writer, given answer) error {
	frame := bytes.NewBuffer(make([]byte, 4))
	encoder := json.NewEncoder(frame)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(given); err != nil {
		return err
	}
	binary.BigEndian.PutUint32(frame.Bytes(), uint32(frame.Len()-4))
	_, err := out.Write(frame.Bytes())
	return err
}

func handle(files map[string]file, shared *sharer, asked request) answer {
	for _, key := range asked.Drop {
		delete(files, key)
	}
	for key, text := range asked.Add {
		files[key] = file{[]byte(text), expansion([]byte(text))}
	}
	for key, data := range asked.AddBytes {
		files[key] = file{data, expansion(data)}
	}
	system := newTree()
	input, expanded := 0, 0
	for path, key := range asked.Files {
		known, ok := files[key]
		if !ok {
			return answer{Failure: "refused", Message: fmt.Sprintf("%s: its content was never sent", path)}
		}
		system.add(root+path, known.data)
		input, expanded = input+len(known.data), expanded+known.expanded
	}
	if input > asked.Input {
		return tooLarge("its files have %d bytes; at most %d are read", input, asked.Input)
	}
	if expanded > maxExpansion {
		message := fmt.Sprintf("the YAML aliases in its files stand for more than %d bytes", maxExpansion)
		return answer{Failure: "refused", Message: message}
	}
	if shared != nil && input+expanded > maxShared {
		shared.kept, shared = nil, nil // it gets all the memory that there is
	}
	return build(shared, system, asked)
}

func tooLarge(format string, numbers ...any) answer {
	return answer{Failure: outOfBounds, Message: fmt.Sprintf(format, numbers...)}
}

// build renders. Who shares nothing is rendered by krusty alone, and so is what failed, for it says why: that takes the
// time of both, of what is small enough to be shared. A kustomization
// that brings an OpenAPI schema of its own changes kustomize's globals: it is rendered again from the state of a fresh
// process, and leaves no trace for the next one.
func build(shared *sharer, system *tree, asked request) answer {
	if shared != nil {
		if given := attempt(shared.run, system, asked); given.Failure == "" || given.Failure == outOfBounds {
			return given
		}
		resetSchema()
		shared.kept = nil // it gets all the memory that there is
	}
	given := attempt(alone, system, asked)
	if resetSchema() {
		given = attempt(alone, system, asked)
		resetSchema()
	}
	given.Message = addresses.ReplaceAllString(strings.ReplaceAll(given.Message, root, ""), "")
	return given
}

// resetSchema is whether there was one to reset.
func resetSchema() bool {
	changed := openapi.GetSchemaVersion() != ordinarySchema
	if changed {
		openapi.ResetOpenAPI()
	}
	return changed
}

func alone(system *tree, folder string) (resmap.ResMap, error) {
	return krusty.MakeKustomizer(options()).Run(system, folder)
}

func attempt(run func(*tree, string) (resmap.ResMap, error), system *tree, asked request) (given answer) {
	reachedOut = false
	defer func() {
		if cause := recover(); cause != nil {
			given = answer{Failure: "panic", Message: fmt.Sprint(cause)}
		}
	}()
	objects, err := run(system, root+asked.Folder)
	if err != nil {
		return failed(err)
	}
	if asked.Objects {
		return listed(objects, asked.Output)
	}
	return written(objects, asked.Output)
}

// options are those of `kustomize build` without flags: its order of objects is not the library's default.
func options() *krusty.Options {
	return &krusty.Options{
		Reorder:          krusty.ReorderOptionLegacy,
		LoadRestrictions: types.LoadRestrictionsRootOnly,
		PluginConfig:     types.DisabledPluginConfig(),
	}
}

func failed(err error) answer {
	text := err.Error()
	for _, refusal := range refusals {
		reachedOut = reachedOut || strings.Contains(text, refusal)
	}
	if reachedOut {
		return answer{Failure: "refused", Message: text}
	}
	return answer{Failure: "error", Message: text}
}

// written is resmap's AsYaml, with a bound.
func written(objects resmap.ResMap, limit int) answer {
	var text strings.Builder
	for index, object := range objects.Resources() {
		document, err := asYAML(object)
		if err != nil {
			return failed(err)
		}
		if index > 0 {
			text.WriteString("---\n")
		}
		if text.Write(document); text.Len() > limit {
			return tooMuch(limit)
		}
	}
	return answer{Text: text.String()}
}

// listed is the objects as JSON, of which kustomize makes the YAML that it prints.
func listed(objects resmap.ResMap, limit int) answer {
	found, size := make([]json.RawMessage, 0, objects.Size()), 0
	for _, object := range objects.Resources() {
		value, err := asJSON(object)
		if err != nil {
			return failed(err)
		}
		if size += len(value); size > limit {
			return tooMuch(limit)
		}
		if depth(value) > maxDepth {
			return tooLarge("it renders to an object with more than %d levels", maxDepth)
		}
		found = append(found, value)
	}
	return answer{Objects: found}
}

// depth is how many levels of maps and lists a JSON value has.
func depth(value []byte) (deepest int) {
	level, quoted := 0, false
	for index := 0; index < len(value); index++ {
		switch letter := value[index]; {
		case quoted && letter == '\\':
			index++
		case letter == '"':
			quoted = !quoted
		case !quoted && (letter == '{' || letter == '['):
			level++
			deepest = max(deepest, level)
		case !quoted && (letter == '}' || letter == ']'):
			level--
		}
	}
	return deepest
}

func tooMuch(limit int) answer {
	return tooLarge("it renders to more than %d bytes", limit)
}
