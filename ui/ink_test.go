//go:build js && wasm

package ui

import "testing"

// TestInkTakesAnyText: names of classes and runs are a person's, or a file's.
func TestInkTakesAnyText(t *testing.T) {
	hostile := `"><script>alert('1')</script>&amp;`
	const escaped = `&#34;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;`
	tests := []struct{ drawn, want ink }{
		{stroke("text", with{"class", hostile}, lettered(hostile)), `<text class="` + escaped + `">` + escaped + `</text>`},
		{label(1, 2.5, "end", hostile), `<text x="1.0" y="2.5" text-anchor="end">` + escaped + `</text>`},
		{group("a b", trace("line", "M0 0"), dot("ring", 1, 2, 3)), `<g class="a b"><path class="line" d="M0 0"></path><circle class="ring" cx="1.0" cy="2.0" r="3.0"></circle></g>`},
	}
	for _, tt := range tests {
		if tt.drawn != tt.want {
			t.Errorf("drawn is %s, want %s", tt.drawn, tt.want)
		}
	}
}
