# fish completion for uma: uma completion fish | source
function __uma_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l found (uma __complete $words[2..-1] 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c uma -f -a '(__uma_complete)'
