"""What `train.py` is made of: one idea a file, to be copied as a whole or one by one.

From the command line to the curves: `options` → `data` (read by `digits`, `idx`, `cifar`,
`image_folder`) → `views` (crops and flips) → `batches` → `run` (one training, by `steps`,
`schedule` and `checkpoints`) → `curves`. `processes`, `interruption`, `seeds` and `files` serve
these.
"""
