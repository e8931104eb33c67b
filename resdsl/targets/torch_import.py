"""torch, for all of resdsl: no other module imports it.

torch does without NumPy, and so do we; but where it is not installed, the import of torch warns of
it, and that would be the first line that a fresh installation prints. Whoever imports torch before
us is told by torch: nothing is changed then.
"""

from __future__ import annotations

import sys
import warnings

if "torch" not in sys.modules:
    # To stay: torch's import adds filters of its own, which leaving `catch_warnings` would undo.
    # A NumPy that is there and does not load gives another text, which is shown.
    warnings.filterwarnings(
        "ignore", "Failed to initialize NumPy: No module named 'numpy'", UserWarning
    )

# At module level: this module itself is imported inside functions alone, by who needs tensors
# (import-linter and tests/cli/test_run.py hold that), so that nobody else pays for torch.
import torch

__all__ = ["torch"]
