"""What `train.py` is made of: one idea a file, to be copied as a whole or one by one.

From the command line to the curves: `options` → `folds` (one training, or five) → `data` (read by
`digits`, `idx`, `cifar`, `image_folder`) → `views` (crops and flips) → `batches` → `run` (one
training, by `freezing`, `optimisers`, `schedule`, `steps`, and `checkpoints` with their `state`) →
`curves`, in a `folder`. `processes`, `interruption`, `seeds` and `files` serve these.
"""
