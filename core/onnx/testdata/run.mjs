// Runs a model in ONNX Runtime: `node run.mjs MODULES MODEL N,C,H,W...` reads a
// batch of images for each of the shapes as float32 from standard input, and writes
// what the model says of its input and its outputs for each batch to standard
// output, as JSON. MODULES is where npm installed onnxruntime-web, ONNX Runtime
// compiled to WebAssembly.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const [modules, model, ...shapes] = process.argv.slice(2);
const ort = createRequire(resolve(modules, "node_modules/"))("onnxruntime-web");
ort.env.wasm.numThreads = 1;

// Node would print the minified line that an error came from.
process.on("uncaughtException", (error) => {
	console.error(error.message);
	process.exit(1);
});

const session = await ort.InferenceSession.create(readFileSync(model));
const numbers = new Float32Array(Uint8Array.from(readFileSync(0)).buffer);
const batches = [];
let at = 0;
for (const dims of shapes.map((shape) => shape.split(",").map(Number))) {
	const size = dims.reduce((a, b) => a * b);
	const images = new ort.Tensor("float32", numbers.slice(at, at + size), dims);
	at += size;
	const outputs = {};
	for (const [name, tensor] of Object.entries(await session.run({ [session.inputNames[0]]: images }))) {
		outputs[name] = { dims: tensor.dims, type: tensor.type, data: Array.from(tensor.data) };
	}
	batches.push(outputs);
}
process.stdout.write(JSON.stringify({ inputs: session.inputMetadata, outputNames: session.outputNames, batches }) + "\n");
