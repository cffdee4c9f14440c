# Completes multivac in fish; printed by: multivac completion fish

function __multivac_complete
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    set -l found ($program __complete -- $words "$typed" 2>/dev/null)
    if test "$found" = :files
        set -l option (string match -r '^--[^=]*=' -- "$typed")
        for path in (__fish_complete_path (string replace -r '^--[^=]*=' '' -- "$typed"))
            echo "$option$path"
        end
    else
        string join \n -- $found
    end
end

complete -c multivac -f -k -a '(__multivac_complete)'
