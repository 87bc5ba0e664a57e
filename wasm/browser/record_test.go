//go:build !js

package browser

import (
	"slices"
	"testing"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

func TestProblems(t *testing.T) {
	console := func(kind runtime.ConsoleAPICalledType, text string) any {
		return &runtime.EventConsoleAPICalled{Type: kind, Args: []*runtime.RemoteObject{{Value: []byte(`"` + text + `"`)}}}
	}
	request := func(url string) any {
		return &network.EventRequestWillBeSent{Request: &network.Request{URL: url}}
	}
	const origin = "http://127.0.0.1:8080"
	tests := []struct {
		name     string
		event    any
		expected []string
		want     []string
	}{
		{"console.log", console("log", "hello"), nil, nil},
		{"console.error", console("error", "broken"), nil, []string{"on the console: error: broken"}},
		{"console.assert", console("assert", "wrong"), nil, []string{"on the console: assert: wrong"}},
		{"an exception", &runtime.EventExceptionThrown{ExceptionDetails: &runtime.ExceptionDetails{Text: "Uncaught"}}, nil,
			[]string{"on the console: exception: Uncaught"}},
		{"a log entry", &log.EventEntryAdded{Entry: &log.Entry{Level: "error", Text: "blocked", URL: "/x"}}, nil,
			[]string{"on the console: error: blocked /x"}},
		{"a warning", &log.EventEntryAdded{Entry: &log.Entry{Level: "warning", Text: "old"}}, nil, nil},
		{"expected", console("error", "status 404"), []string{"404"}, nil},
		{"expected and missing", console("log", "404"), []string{"404"}, []string{`the console has no error with "404"`}},
		{"own file", request(origin + "/page.wasm"), nil, nil},
		{"own blob", request("blob:" + origin + "/1-2"), nil, nil},
		{"own data", request("data:image/png;base64,"), nil, nil},
		{"other port", request("http://127.0.0.1:80801/"), nil, []string{"a request left the origin: http://127.0.0.1:80801/"}},
		{"other host", request("https://example.org/"), nil, []string{"a request left the origin: https://example.org/"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRecord(origin)
			r.hear(tt.event)
			if got := r.problems(tt.expected); !slices.Equal(got, tt.want) {
				t.Errorf("problems = %q, want %q", got, tt.want)
			}
		})
	}
}
