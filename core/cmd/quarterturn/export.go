package main

import (
	"context"
	"errors"
	"fmt"

	"quarterturn/core/cmd/internal/files"
	"quarterturn/core/cmd/internal/term"
	"quarterturn/core/durable"
	"quarterturn/core/onnx"
)

const exportHelp = `export --model FILE --onnx FILE [--normalized] [--features]

Writes a model in another format. An ONNX model opens in ONNX Runtime and gives
the same logits. It takes pictures as RGB from 0 to 1, [N, 3, side, side], as
torchvision's ToTensor makes them, and normalizes them itself.`

// export is the command.
func export(_ context.Context, t *term.Terminal, args []string) error {
	flags := newFlags(t, "export", exportHelp)
	modelPath := flags.String("model", "", "safetensors `file` of the model")
	out := flags.String("onnx", "", "`file` to write as ONNX; one that is there is replaced")
	var options onnx.Options
	flags.BoolVar(&options.Normalized, "normalized", false, "leave the normalization to the caller, as in PyTorch: the mean and the deviation are in the file's metadata")
	flags.BoolVar(&options.Features, "features", false, "also return what each part makes of a picture, as probe and embed see it")
	classes := classesFlag(flags)
	if err := parse(flags, args, 0); err != nil {
		return err
	}
	if *modelPath == "" || *out == "" {
		return usageError{errors.New("export: name a --model and the file to write with --onnx")}
	}
	if err := files.MayReplace(*out, *modelPath); err != nil {
		return usageError{files.InFlag("--onnx", *out, err)}
	}
	m, err := files.Model("--model", *modelPath)
	if err != nil {
		return err
	}
	if err := assume(t, m, *classes); err != nil {
		return usageError{fmt.Errorf("export: %w", err)}
	}
	b, err := onnx.Encode(m, options)
	if err != nil {
		return fmt.Errorf("--model %s: %w", *modelPath, err)
	}
	if err := durable.Replace(t.Disk, *out, b); err != nil {
		return files.InFlag("--onnx", *out, err)
	}
	return term.PrintExport(t, *out, m, options, len(b))
}
