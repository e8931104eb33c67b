"""`resdsl completion`."""

from __future__ import annotations

import click

from resdsl.cli.options import debug_option

# Each runs the program again with _RESDSL_COMPLETE set; `completing.py` has the answers' form.
BASH = """\
_resdsl() {
    local kind value help
    COMPREPLY=()
    while IFS=$'\\t' read -r kind value help; do
        [ -n "$value" ] || continue
        case $kind$value in
            file*) compopt -o filenames && value=${value%/} ;;  # readline quotes and marks them
            *=) compopt -o nospace ;;
        esac
        COMPREPLY+=("$value")
    done < <(COMP_LINE=$COMP_LINE COMP_POINT=$COMP_POINT COMP_WORDBREAKS=$COMP_WORDBREAKS \\
        _RESDSL_COMPLETE=bash "$1" 2>/dev/null)
}
complete -F _resdsl resdsl
"""
ZSH = """\
#compdef resdsl
_resdsl() {
    local kind value help
    local -a whole begun
    while IFS=$'\\t' read -r kind value help; do
        case $value in
            (*=|*/) begun+=("$value") ;;
            (?*) whole+=("$value") ;;
        esac
    done < <(_RESDSL_COMPLETE=zsh "$words[1]" "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" \\
        2>/dev/null)
    compadd -U -f -a whole
    compadd -U -f -S '' -a begun
    (( compstate[nmatches] ))
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _resdsl "$@"; else compdef _resdsl resdsl; fi
"""
FISH = """\
function _resdsl
    set -l words (commandline -opc)
    set -l begun (commandline -ct)
    env _RESDSL_COMPLETE=fish $words "$begun" 2>/dev/null | string replace -r '^\\w+\\t' ''
end
complete -c resdsl -f -a '(_resdsl)'
"""
SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}


@click.command(name="completion", short_help="Print what makes a shell complete with Tab.")
@click.argument("shell", type=click.Choice(list(SCRIPTS)))
@debug_option
def command(shell: str) -> None:
    """Print a script that makes SHELL complete commands, options, networks, files and parameters.

    \b
    bash   eval "$(resdsl completion bash)"        in ~/.bashrc
    zsh    eval "$(resdsl completion zsh)"         in ~/.zshrc, behind compinit
    fish   resdsl completion fish | source         in ~/.config/fish/config.fish
    """
    from resdsl.cli import terminal

    terminal.say(SCRIPTS[shell].rstrip("\n"))
