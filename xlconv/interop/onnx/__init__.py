"""ONNX models in and out. The only place that knows ONNX's operators."""
