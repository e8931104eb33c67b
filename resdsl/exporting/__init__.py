"""A module as a file of an engine: ONNX, torch.export or OpenVINO, compared before it is kept."""
