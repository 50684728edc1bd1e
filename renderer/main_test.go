package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net/http"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"
)

const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: a:1}]}\n"

// overlay asks for the folder o; files are named by their paths below it.
func overlay(files map[string]string) request {
	asked := request{Add: map[string]string{}, Folder: "o", Files: map[string]string{}, Input: 1 << 20, Output: 1 << 20}
	for path, text := range files {
		asked.Add[text] = text
		asked.Files["o/"+path] = text
	}
	return asked
}

func framed(t *testing.T, asked ...request) *bytes.Buffer {
	t.Helper()
	in := &bytes.Buffer{}
	for _, one := range asked {
		frame, err := json.Marshal(one)
		if err != nil {
			t.Fatal(err)
		}
		binary.Write(in, binary.BigEndian, uint32(len(frame)))
		in.Write(frame)
	}
	return in
}

func answers(t *testing.T, asked ...request) []answer {
	t.Helper()
	out := &bytes.Buffer{}
	if err := serve(framed(t, asked...), out); err != nil {
		t.Fatal(err)
	}
	var given []answer
	for out.Len() > 0 {
		size := binary.BigEndian.Uint32(out.Next(4))
		var one answer
		if err := json.Unmarshal(out.Next(int(size)), &one); err != nil {
			t.Fatal(err)
		}
		given = append(given, one)
	}
	if len(given) != len(asked) {
		t.Fatalf("%d answers to %d requests", len(given), len(asked))
	}
	return given
}

var frames = flag.String("frames", "", "a file of requests, each with all of its files")
var trees = flag.Int("trees", 60, "how many random trees TestSharingChangesNothing tries")

// BenchmarkServe is what `make profile` has Go's profiler look at.
func BenchmarkServe(b *testing.B) {
	for b.Loop() {
		in, err := os.Open(*frames)
		if err != nil {
			b.Skip("without -frames there is nothing to build")
		}
		if err := serve(bufio.NewReader(in), io.Discard); err != nil {
			b.Fatal(err)
		}
		in.Close()
	}
}

func TestMain(m *testing.M) {
	shutOut()
	os.Exit(m.Run())
}

func TestAPanicFailsOneOverlay(t *testing.T) {
	good := overlay(map[string]string{"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": pod})
	bad := overlay(map[string]string{"kustomization.yaml": "resources: [a.yaml]\nimages: [{name: '[', newTag: b}]\n", "a.yaml": pod})
	given := answers(t, good, bad, good)
	if given[1].Failure != "panic" || given[1].Text != "" {
		t.Errorf("%+v", given[1])
	}
	if given[0].Text == "" || !reflect.DeepEqual(given[0], given[2]) {
		t.Errorf("%+v, then %+v", given[0], given[2])
	}
}

func TestTheSameFailureIsSaidInTheSameWords(t *testing.T) {
	asked := overlay(map[string]string{"kustomization.yaml": "configMapGenerator: [{name: a, behavior: merge}]\n"})
	given := answers(t, asked, asked)
	if given[0].Failure != "error" || !reflect.DeepEqual(given[0], given[1]) || strings.Contains(given[0].Message, "0x") {
		t.Errorf("%+v, then %+v", given[0], given[1])
	}
}

func TestFilesStayUntilTheyAreDropped(t *testing.T) {
	first := overlay(map[string]string{"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": pod})
	again := first
	again.Add = nil
	dropped := again
	dropped.Drop = []string{pod}
	given := answers(t, first, again, dropped)
	if given[0].Text == "" || !reflect.DeepEqual(given[0], given[1]) {
		t.Errorf("%+v, then %+v", given[0], given[1])
	}
	if given[2].Failure != "refused" || !strings.Contains(given[2].Message, "o/a.yaml") {
		t.Errorf("%+v", given[2])
	}
}

func TestAnOverlaySeesOnlyItsOwnFiles(t *testing.T) {
	first := overlay(map[string]string{"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": pod})
	second := overlay(map[string]string{"kustomization.yaml": "resources: [a.yaml]\n"})
	if given := answers(t, first, second); given[1].Failure != "error" {
		t.Errorf("%+v", given[1])
	}
}

func TestNamesThatADiskHas(t *testing.T) {
	for _, name := range []string{"a b.yaml", "ü.yaml", "a=b+c.yaml", "..a.yaml", "a@b (1).yaml", "x y/a.yaml"} {
		asked := overlay(map[string]string{"kustomization.yaml": "resources: ['" + name + "']\n", name: pod})
		if given := answers(t, asked)[0]; given.Text == "" {
			t.Errorf("%s: %+v", name, given)
		}
	}
}

func TestTheTree(t *testing.T) {
	system := newTree()
	system.add("/r/o/a.yaml", []byte("a"))
	for path, found := range map[string]struct {
		exists, isDir bool
		folder, file  string
	}{
		"/":                {true, true, "/", ""},
		"/r/o/":            {true, true, "/r/o", ""},
		"/r/o/x/../a.yaml": {true, false, "/r/o", "a.yaml"},
		"/r/o/a.yaml/":     {true, false, "/r/o", "a.yaml"},
		"/r/o/a.yaml/b":    {false, false, "", ""},
		"/r/o/b":           {false, false, "", ""},
		"r/o":              {false, false, "", ""},
		"":                 {false, false, "", ""},
	} {
		folder, file, err := system.CleanedAbs(path)
		if string(folder) != found.folder || file != found.file || (err == nil) != found.exists {
			t.Errorf("%s: %s, %s, %v", path, folder, file, err)
		}
		if system.Exists(path) != found.exists || system.IsDir(path) != found.isDir {
			t.Errorf("%s: %v, %v", path, system.Exists(path), system.IsDir(path))
		}
	}
	read, err := system.ReadFile("/r/o/a.yaml")
	if read[0]++; err != nil || string(system.files["/r/o/a.yaml"]) != "a" {
		t.Errorf("%s, %v: who reads a file must not change it", read, err)
	}
	if _, err := system.ReadFile("/r/o"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

func TestBounds(t *testing.T) {
	asked := overlay(map[string]string{"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": pod})
	small, short := asked, asked
	small.Input, short.Output = 10, 10
	for _, given := range answers(t, small, short) {
		if given.Failure != "too-large" || !strings.Contains(given.Message, " 10 ") {
			t.Errorf("%+v", given)
		}
	}
}

func TestExpansion(t *testing.T) {
	bomb := "a: &a [x, x, x, x]\nb: &b [*a, *a, *a, *a]\nc: [*b, *b, *b, *b]\n"
	escaped := `patch: "` + strings.NewReplacer("&", `\x26`, "*", `\x2a`, "\n", `\n`).Replace(bomb) + `"`
	for text, least := range map[string]int{
		"a: 1\n":                   0,
		"a: &a 1\n":                0,
		"a: '2 * 3 & 4'\n":         0,
		"a: a\\.b\n":               0,
		"\"\\\"a\\\"\"":            0,
		"a: &a 1\nb: *a\n":         nodeWeight,
		bomb:                       4 * 16 * nodeWeight,
		"---\na: 1\n---\n" + bomb:  4 * 16 * nodeWeight,
		escaped:                    4 * 16 * nodeWeight,
		"a: &a [*a]\n":             maxExpansion + 1,
		"patch: |\n  a: &a [*a]\n": maxExpansion + 1,
	} {
		if found := expansion([]byte(text)); found < least || (least == 0 && found > 0) {
			t.Errorf("%q: %d, and at least %d are due", text, found, least)
		}
	}
}

func TestNoNetworkAndNoGit(t *testing.T) {
	if _, err := http.Get("http://127.0.0.1:1/"); err == nil || !strings.Contains(err.Error(), "reaches no network") {
		t.Error(err)
	}
	if found, err := exec.LookPath("git"); err == nil {
		t.Error(found)
	}
}

func TestABrokenFrameEndsIt(t *testing.T) {
	whole := framed(t, overlay(nil)).Bytes()
	for name, frame := range map[string][]byte{
		"cut short": whole[:len(whole)-1],
		"too long":  {0xff, 0xff, 0xff, 0xff},
		"not JSON":  {0, 0, 0, 1, '!'},
	} {
		if err := serve(bytes.NewReader(frame), io.Discard); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestObjectsInsteadOfText(t *testing.T) {
	asked := overlay(map[string]string{"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": pod})
	asked.Objects = true
	small := asked
	small.Output = 20
	given := answers(t, asked, small)
	if given[0].Text != "" || len(given[0].Objects) != 1 || !strings.Contains(string(given[0].Objects[0]), `"image":"a:1"`) {
		t.Errorf("%+v", given[0])
	}
	if given[1].Failure != "too-large" || len(given[1].Objects) != 0 {
		t.Errorf("%+v", given[1])
	}
}

func TestDepth(t *testing.T) {
	for value, want := range map[string]int{`1`: 0, `{}`: 1, `{"a":[[{}]],"b":[]}`: 4, `["[[\"[[", "\\"]`: 1, `[{"}}":[]}]`: 3} {
		if found := depth([]byte(value)); found != want {
			t.Errorf("%s: %d", value, found)
		}
	}
}
