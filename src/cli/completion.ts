/** Shell wrappers around `uma __complete`, and what it answers. The wrappers know nothing of commands, so they never go stale. */
import type { AnyCommand, Entry, FlagSpec } from './command.ts';
import { isGroup } from './command.ts';
import { allFlags, COMMON_FLAGS, flagNames } from './flags.ts';
import { locate } from './locate.ts';

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof SHELLS)[number];

const SCRIPTS: Record<Shell, string> = {
  bash: `# bash completion for uma: eval "$(uma completion bash)"
_uma() {
  local word
  COMPREPLY=()
  while IFS=$'\\t' read -r word _; do
    COMPREPLY+=("$word")
  done < <(uma __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _uma uma
`,
  zsh: `#compdef uma
# zsh completion for uma: eval "$(uma completion zsh)", or this file as _uma in a directory of fpath
_uma() {
  local -a found described
  local line
  found=("\${(@f)$(uma __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -z "\${found[1]}" ]]; then
    _files
    return
  fi
  for line in "\${found[@]}"; do
    line="\${line//:/\\\\:}"
    described+=("\${line/$'\\t'/:}")
  done
  _describe uma described
}
if [[ "\${funcstack[1]}" == _uma ]]; then _uma "$@"; else compdef _uma uma; fi
`,
  fish: `# fish completion for uma: uma completion fish | source
function __uma_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l found (uma __complete $words[2..-1] 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c uma -f -a '(__uma_complete)'
`,
  powershell: `# PowerShell completion for uma: uma completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName uma -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
    if ($wordToComplete -eq '') { $words += '' }
    uma __complete @words 2>$null | ForEach-Object {
        $name, $text = $_ -split "\`t", 2
        if (-not $text) { $text = $name }
        [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $text)
    }
}
`,
};

export function completionScript(shell: Shell): string {
  return SCRIPTS[shell];
}

export interface Candidate {
  word: string;
  description: string;
}

/** What is known offline and can be completed. */
export interface Known {
  profiles(): Promise<string[]>;
}

/** Candidates for the last of `words` (which may be empty). None for a file name: the shell completes those itself. */
export async function candidates(
  words: readonly string[],
  registry: readonly Entry[],
  known: Known,
): Promise<Candidate[]> {
  const partial = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const { entry, unknown, path } = locate(before, registry);
  const command = entry === undefined || isGroup(entry) ? undefined : (await entry.load()).command;
  const starting = (found: Candidate[]) => found.filter(({ word }) => word.startsWith(partial));

  const specs = flagsOf(command);
  // bash hands over `--output=json` as three words.
  const flag = before.at(-1) === '=' ? before.at(-2) : before.at(-1);
  const open = specs.find((spec) => {
    const { names, value } = flagNames(spec.flags);
    return value === 'required' && flag !== undefined && names.includes(flag);
  });
  if (open !== undefined) return starting(await valuesOf(open, known));
  if (partial.startsWith('-'))
    return starting(specs.map(({ flags, description }) => ({ word: flagNames(flags).long, description })));
  if (unknown !== undefined && unknown !== 'help') return [];
  if (command !== undefined)
    return starting((await Promise.all((command.args ?? []).slice(0, 1).map((arg) => valuesOf(arg, known)))).flat());
  const entries = entry !== undefined && isGroup(entry) ? entry.commands : registry;
  const help =
    path.length === 0 && unknown === undefined ? [{ word: 'help', description: 'help on a command or topic' }] : [];
  return starting([...entries.map(({ name, summary }) => ({ word: name, description: summary })), ...help]);
}

function flagsOf(command: AnyCommand | undefined): FlagSpec[] {
  const help: FlagSpec = { flags: '-h, --help', description: 'help' };
  if (command === undefined) return [...COMMON_FLAGS, help];
  const { own, groups, common } = allFlags(command.flags ?? [], command.groups ?? []);
  return [...own, ...groups, ...common, help].filter((spec) => !spec.hidden);
}

async function valuesOf(spec: Pick<FlagSpec, 'choices' | 'complete'>, known: Known): Promise<Candidate[]> {
  const words = spec.complete === 'profiles' ? await known.profiles() : (spec.choices ?? []);
  return words.map((word) => ({ word, description: '' }));
}
