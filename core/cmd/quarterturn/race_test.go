//go:build race && !js

package main

// The detector slows each process down and sees into none but the first.
func init() { usualKills = 10 }
