package onnx

import (
	"fmt"
	"strings"

	"quarterturn/core/checkpoint"
	"quarterturn/core/dataset"
	"quarterturn/core/resnet"
)

// A graphProto is one under construction. Each node computes one value and
// has its name, which is torchvision's for the module where there is one.
type graphProto struct {
	out        message
	config     resnet.Config
	parameters map[string]resnet.Parameter
}

// graphOf returns the GraphProto of a network.
func graphOf(m *checkpoint.Model, o Options) message {
	g := &graphProto{config: m.Config, parameters: map[string]resnet.Parameter{}}
	var dense []resnet.Parameter
	for _, p := range m.Config.Parameters() {
		g.parameters[p.Name] = p
		if p.Role == resnet.Dense {
			dense = append(dense, p)
		}
	}
	g.out.text(graphName, m.Config.Network.String())
	x := inputName
	if !o.Normalized {
		x = g.normalize(x)
	}
	g.head(g.trunk(x, o), dense)
	for _, p := range m.Config.Parameters() {
		dims, values := checkpoint.ToTorch(p, m.Weights[p.Name])
		g.out.message(graphInitializer, tensor(p.Name, dims, values))
	}
	input, outputs := Values(m, o)
	g.out.message(graphInput, input.message())
	for _, v := range outputs {
		g.out.message(graphOutput, v.message())
	}
	return g.out
}

// node adds a NodeProto and returns the value that it computes.
func (g *graphProto) node(op, name string, inputs []string, attributes ...message) string {
	var m message
	for _, input := range inputs {
		m.text(nodeInput, input)
	}
	m.text(nodeOutput, name)
	m.text(nodeName, name)
	m.text(nodeOp, op)
	for _, a := range attributes {
		m.message(nodeAttribute, a)
	}
	g.out.message(graphNode, m)
	return name
}

// normalize is dataset.Normalize for values from 0 to 1.
func (g *graphProto) normalize(x string) string {
	for _, constant := range []struct {
		name   string
		values [dataset.Channels]float64
	}{{"mean", dataset.Mean}, {"std", dataset.Std}} {
		var values []float32
		for _, v := range constant.values {
			values = append(values, float32(v))
		}
		g.out.message(graphInitializer, tensor(constant.name, []uint64{1, dataset.Channels, 1, 1}, values))
	}
	centred := g.node("Sub", "centred", []string{x, "mean"})
	return g.node("Div", "normalized", []string{centred, "std"})
}

// trunk is resnet's Features and Pool: the stem, the stages, and the mean of each
// channel of the last.
func (g *graphProto) trunk(x string, o Options) string {
	x = g.relu("relu", g.convBN(x, "conv1", "bn1", 1))
	pooled := ""
	if o.Features {
		g.pool(x, partName(0))
	}
	for stage, blocks := range g.config.Network.Blocks {
		for block := range blocks {
			x = g.basicBlock(x, fmt.Sprintf("layer%d.%d", stage+1, block), g.config.Stride(stage+1, block))
		}
		if last := stage == g.config.Stages()-1; last || o.Features {
			pooled = g.pool(x, partName(stage+1))
		}
	}
	return pooled
}

// partName is the value that holds the pooled features of a part.
func partName(part int) string {
	if part == 0 {
		return "stem"
	}
	return fmt.Sprintf("stage%d", part)
}

// basicBlock is resnet's. It projects the shortcut where the network has weights
// for that.
func (g *graphProto) basicBlock(x, name string, stride int) string {
	shortcut := x
	if _, projects := g.parameters[name+".downsample.0.weight"]; projects {
		shortcut = g.convBN(x, name+".downsample.0", name+".downsample.1", stride)
	}
	y := g.relu(name+".relu", g.convBN(x, name+".conv1", name+".bn1", stride))
	y = g.convBN(y, name+".conv2", name+".bn2", 1)
	return g.relu(name, g.node("Add", name+".add", []string{y, shortcut}))
}

// convBN is a convolution and its batch normalization. They stay two nodes:
// readers such as ONNX Runtime fold them when they load the graph, and a
// researcher finds the numbers of the checkpoint.
func (g *graphProto) convBN(x, conv, bn string, stride int) string {
	side := g.parameters[conv+".weight"].Dims[0]
	half := side / 2
	x = g.node("Conv", conv, []string{x, conv + ".weight"},
		ints("kernel_shape", side, side), ints("pads", half, half, half, half), ints("strides", stride, stride))
	return g.node("BatchNormalization", bn,
		[]string{x, bn + ".weight", bn + ".bias", bn + ".running_mean", bn + ".running_var"}, float("epsilon", resnet.Epsilon))
}

func (g *graphProto) relu(name, x string) string { return g.node("Relu", name, []string{x}) }

// pool averages over rows and columns: [N, C, H, W] to [N, C].
func (g *graphProto) pool(x, name string) string {
	return g.node("Flatten", name, []string{g.node("GlobalAveragePool", name+".mean", []string{x})}, integer("axis", 1))
}

// head is the dense layers from pooled features to logits, with ReLUs between.
func (g *graphProto) head(x string, dense []resnet.Parameter) {
	for i, p := range dense {
		name := strings.TrimSuffix(p.Name, ".weight")
		bias := name + ".bias"
		if last := i == len(dense)-1; last {
			g.dense(x, logitsName, p.Name, bias)
		} else {
			x = g.relu(name+".relu", g.dense(x, name, p.Name, bias))
		}
	}
}

// dense is x [N, Cin] times a weight [Cout, Cin], turned, plus a bias [Cout].
func (g *graphProto) dense(x, name, weight, bias string) string {
	return g.node("Gemm", name, []string{x, weight, bias}, integer("transB", 1))
}
