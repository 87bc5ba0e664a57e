package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"quarterturn/core/checkpoint"
	"quarterturn/core/durable"
	"quarterturn/core/internal/printable"
	"quarterturn/core/onnx"
)

const exportHelp = `export --model FILE --onnx FILE [--normalized] [--features]

Writes a model in another format. An ONNX model opens in ONNX Runtime and gives
the same logits. It takes pictures as RGB from 0 to 1, [N, 3, side, side], as
torchvision's ToTensor makes them, and normalizes them itself.`

// export is the command.
func export(_ context.Context, t *terminal, args []string) error {
	flags := newFlags(t, "export", exportHelp)
	modelPath := flags.String("model", "", "safetensors `file` of the model")
	out := flags.String("onnx", "", "`file` to write as ONNX; one that is there is replaced")
	var options onnx.Options
	flags.BoolVar(&options.Normalized, "normalized", false, "leave the normalization to the caller, as in PyTorch: the mean and the deviation are in the file's metadata")
	flags.BoolVar(&options.Features, "features", false, "also return what each part makes of a picture, as probe and embed see it")
	if err := parse(flags, args, 0); err != nil {
		return err
	}
	if *modelPath == "" || *out == "" {
		return usageError{errors.New("export: name a --model and the file to write with --onnx")}
	}
	if err := mayReplace(*out, *modelPath); err != nil {
		return usageError{inFlag("--onnx", *out, err)}
	}
	m, err := readModel("--model", *modelPath)
	if err != nil {
		return err
	}
	b, err := onnx.Encode(m, options)
	if err != nil {
		return fmt.Errorf("--model %s: %w", *modelPath, err)
	}
	if err := durable.Replace(t.disk, *out, b); err != nil {
		return inFlag("--onnx", *out, err)
	}
	return printExport(t, *out, m, options, len(b))
}

// mayReplace refuses to write over what is no file, such as a folder or a device,
// and over the model itself.
func mayReplace(out, model string) error {
	info, err := os.Lstat(out)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		folder := filepath.Dir(out)
		if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("there is no folder %s: make it first", folder)
		}
		return nil
	case err != nil:
		return err
	case info.IsDir():
		return errors.New("this is a folder: name a file in it")
	case !info.Mode().IsRegular():
		return errors.New("this is there and is no plain file: name another")
	}
	if source, err := os.Stat(model); err == nil && os.SameFile(info, source) {
		return errors.New("this is the --model itself: name another")
	}
	return nil
}

// printExport says what was written and how to call it.
func printExport(t *terminal, out string, m *checkpoint.Model, o onnx.Options, bytes int) error {
	input, outputs := onnx.Values(m, o)
	fmt.Fprintf(t.out, "%s: %v, ONNX opset %d, %.1f MB\n", printable.Text(out), m.Config.Network, onnx.Opset, float64(bytes)/1e6)
	fmt.Fprintf(t.out, "  input   %v: %s\n", input, input.Doc)
	for _, v := range outputs {
		fmt.Fprintf(t.out, "  output  %v: %s\n", v, v.Doc)
	}
	if m.Crop != 0 && m.Crop != m.Side {
		fmt.Fprintf(t.out, "  it learnt to look at the central %d of %d pixels, scaled back: crop pictures so before\n", m.Crop, m.Side)
	}
	if len(m.Classes) == 0 {
		return nil
	}
	const listed = 10
	names := slices.Clone(m.Classes)
	if more := len(names) - listed; more > 0 {
		names = append(names[:listed], fmt.Sprintf("and %d more", more))
	}
	_, err := fmt.Fprintf(t.out, "  logits are of %s\n", printable.Text(strings.Join(names, ", ")))
	return err
}
