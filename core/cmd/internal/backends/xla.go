//go:build xla

package backends

import (
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/compute/xla"
	"github.com/gomlx/go-xla/pjrt"
	"k8s.io/klog/v2"
)

// XLAHelp says in a list of flags what XLA is good for here.
const XLAHelp = "a device by its XLA plugin (PJRT), optionally with options such as xla:PLUGIN.so,preallocate=true"

// The version of PJRT's interface that go-xla v0.4.13 was made for: major 0,
// whose plugins fit it, and this minor one. Newer plugins fit too.
const (
	pjrtMajor = 0
	pjrtMinor = 104
)

// openXLA loads the plugin that config names, "FILE[,OPTION…]", and makes a
// backend of its devices. Nothing is searched for and nothing is downloaded:
// go-xla's installer is not linked, and a path keeps it from searching.
func openXLA(config string) (backend compute.Backend, err error) {
	file, options, _ := strings.Cut(config, ",")
	path, err := pluginPath(file)
	if err != nil {
		return nil, err
	}
	defer func() {
		if p := recover(); p != nil {
			backend, err = nil, fmt.Errorf("--backend xla: %s: the plugin failed to start: %v", path, p)
		}
	}()
	xla.EnableAutoInstall(false)
	plugin, err := pjrt.GetPlugin(path)
	if err != nil {
		return nil, fmt.Errorf("--backend xla: %s: loading the plugin: %w", path, err)
	}
	if major, minor := plugin.Version(); major != pjrtMajor {
		return nil, fmt.Errorf("--backend xla: %s speaks PJRT %d.%d, and this program %d.%d: use a plugin of version %d", path, major, minor, pjrtMajor, pjrtMinor, pjrtMajor)
	}
	klog.SetLogger(klog.Logger{}) // It would log what it returns.
	opened, err := xla.New(strings.TrimSuffix(path+","+options, ","))
	klog.ClearLogger()
	if err != nil {
		return nil, fmt.Errorf("--backend xla: %s: %w", path, err)
	}
	if opened.NumDevices() == 0 {
		opened.Finalize()
		return nil, fmt.Errorf("--backend xla: %s has no device on this machine", path)
	}
	return opened, nil
}

// pluginPath returns the absolute path of a plugin's file, once it looks like
// one: loading a file runs what is in it.
func pluginPath(file string) (string, error) {
	if file == "" {
		return "", NameError{errors.New("--backend xla: name the plugin's file, as in xla:/path/to/xla_cuda_plugin.so")}
	}
	path, err := filepath.Abs(file)
	if err != nil {
		return "", fmt.Errorf("--backend xla: %w", err)
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "", NameError{fmt.Errorf("--backend xla: there is no file %s: name a PJRT plugin, such as the xla_cuda_plugin.so of a JAX installation; none is searched for or downloaded", path)}
	case err != nil:
		return "", fmt.Errorf("--backend xla: %w", err)
	case !info.Mode().IsRegular():
		return "", NameError{fmt.Errorf("--backend xla: %s is no file: name the PJRT plugin in it", path)}
	case runtime.GOOS != "linux":
		return path, nil
	}
	return path, checkPlugin(path)
}

// checkPlugin returns an error unless a Linux library has what all plugins have.
func checkPlugin(path string) error {
	library, err := elf.Open(path)
	if err != nil {
		return NameError{fmt.Errorf("--backend xla: %s is no shared library: name a PJRT plugin: %w", path, err)}
	}
	defer library.Close()
	symbols, err := library.DynamicSymbols()
	if err != nil {
		return NameError{fmt.Errorf("--backend xla: %s: reading its symbols: %w", path, err)}
	}
	if !slices.ContainsFunc(symbols, func(s elf.Symbol) bool {
		return s.Name == pjrt.GetPJRTApiFunctionName && s.Section != elf.SHN_UNDEF
	}) {
		return NameError{fmt.Errorf("--backend xla: %s is no PJRT plugin: it has no function %s", path, pjrt.GetPJRTApiFunctionName)}
	}
	return nil
}

// aboutXLA says what a backend is: the version that its plugin speaks, which
// nothing else checks, and its devices.
func aboutXLA(backend compute.Backend) string {
	b, ok := backend.(*xla.Backend)
	if !ok {
		return fmt.Sprintf("%s is not XLA", backend.Name())
	}
	about := "XLA"
	if plugin, err := pjrt.GetPlugin(b.PluginName()); err == nil {
		major, minor := plugin.Version()
		about += fmt.Sprintf(", PJRT %d.%d", major, minor)
		if minor < pjrtMinor {
			about += fmt.Sprintf(" (older than %d.%d, for which this program was made: what is missing may end it)", pjrtMajor, pjrtMinor)
		}
	}
	var devices []string
	for i := range b.NumDevices() {
		devices = append(devices, strings.TrimSuffix(b.DeviceDescription(compute.DeviceNum(i)), " [processId=0]"))
	}
	return about + "; devices: " + strings.Join(devices, ", ")
}
