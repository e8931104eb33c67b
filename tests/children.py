"""Options for Python child processes."""

# Warnings are errors, as in pytest: but for torch's word that NumPy is not there, and for that of
# torch 2.6 about a temporary folder of its own.
STRICT = (
    "-W",
    "error",
    "-W",
    "ignore:Failed to initialize NumPy",
    "-W",
    "ignore:Implicitly cleaning up:ResourceWarning",
)
