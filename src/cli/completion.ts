/** Shell wrappers around `uma __complete`, and what it answers. The wrappers know nothing of commands, so they never go stale. */
import type { AnyCommand, Completable, Entry, FlagSpec } from './command.ts';
import { isGroup } from './command.ts';
import { allFlags, COMMON_FLAGS, flagNames } from './flags.ts';
import { locate } from './locate.ts';

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof SHELLS)[number];

const SCRIPTS: Record<Shell, string> = {
  bash: `# bash completion for uma: eval "$(uma completion bash)"
_uma() {
  local -a words
  local i at glue word current quoted
  # bash ends a word at : and =, where a scope or --flag=value does not end.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ ( $word == [:=] || -n $glue ) && \${#words[@]} -gt 0 ]]; then
      at=$((\${#words[@]} - 1))
      words[at]+=$word
    else
      words+=("$word")
    fi
    [[ $word == [:=] ]] && glue=1 || glue=
  done
  current=\${words[\${#words[@]} - 1]}
  COMPREPLY=()
  while IFS=$'\\t' read -r word _; do
    word=\${word#"\${current%"\${current##*[:=]}"}"}
    printf -v quoted %q "$word"
    [[ $current == [\\"\\']* ]] && quoted=$word
    COMPREPLY+=("$quoted")
  done < <(uma __complete "\${words[@]}" 2>/dev/null)
}
complete -o default -F _uma uma
`,
  zsh: `#compdef uma
# zsh completion for uma: eval "$(uma completion zsh)", or this file as _uma in a directory of fpath
_uma() {
  local -a found described
  local line
  found=("\${(@f)$(uma __complete "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
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
        $word = if ($name -match "[^\\w@%+=:,./-]") { "'" + $name.Replace("'", "''") + "'" } else { $name }
        [System.Management.Automation.CompletionResult]::new($word, $name, 'ParameterValue', $text)
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

/** Values of each kind that are known; `words` are the line up to the word that is completed. */
export type Known = (kind: Completable, words: readonly string[]) => Promise<Candidate[]>;

/** Candidates for the last of `words` (which may be empty). None for a file name: the shell completes those itself. */
export async function candidates(
  words: readonly string[],
  registry: readonly Entry[],
  known: Known,
): Promise<Candidate[]> {
  const partial = unquoted(words.at(-1) ?? '');
  const before = words.slice(0, -1);
  const { entry, unknown, path } = locate(before, registry);
  const command = entry === undefined || isGroup(entry) ? undefined : (await entry.load()).command;
  const starting = (found: Candidate[], start = partial) => found.filter(({ word }) => word.startsWith(start));
  const values = async (spec: Valued, start: string, lead = '') =>
    starting(await valuesOf(spec, known, before), start).map(({ word, description }) => ({
      word: lead + word,
      description,
    }));

  const specs = flagsOf(command);
  const taking = (flag: string | undefined) =>
    specs.find((spec) => {
      const { names, value } = flagNames(spec.flags);
      return value === 'required' && flag !== undefined && names.includes(flag);
    });
  const open = taking(before.at(-1));
  if (open !== undefined) return values(open, ...listed(open, partial));
  if (partial.startsWith('-')) {
    const [, flag, value] = /^(--[^=]+)=(.*)$/s.exec(partial) ?? [];
    const spec = taking(flag);
    if (spec === undefined)
      return starting(specs.map(({ flags, description }) => ({ word: flagNames(flags).long, description })));
    const [start, lead] = listed(spec, value ?? '');
    return values(spec, start, `${flag}=${lead}`);
  }
  if (unknown !== undefined && unknown !== 'help') return [];
  if (command !== undefined)
    return (await Promise.all((command.args ?? []).slice(0, 1).map((arg) => values(arg, partial)))).flat();
  const entries = entry !== undefined && isGroup(entry) ? entry.commands : registry;
  const help =
    path.length === 0 && unknown === undefined ? [{ word: 'help', description: 'help on a command or topic' }] : [];
  return starting([...entries.map(({ name, summary }) => ({ word: name, description: summary })), ...help]);
}

type Valued = Pick<FlagSpec, 'choices' | 'complete' | 'list'>;

/** The part of a value that is completed, and what stands before it: only the last of `view,down`. */
function listed({ list }: Valued, partial: string): [start: string, lead: string] {
  const at = list === true ? partial.lastIndexOf(',') + 1 : 0;
  return [partial.slice(at), partial.slice(0, at)];
}

/** A word as somebody has typed it so far: `"Photo Al` and `Photo\ Al` begin `Photo Album`. */
function unquoted(word: string): string {
  const [, quote, rest] = /^(["']?)(.*)$/s.exec(word) as unknown as [string, string, string];
  return quote === "'" ? rest : rest.replaceAll(/\\(.)/gs, '$1');
}

function flagsOf(command: AnyCommand | undefined): FlagSpec[] {
  const help: FlagSpec = { flags: '-h, --help', description: 'help' };
  if (command === undefined) return [...COMMON_FLAGS, help];
  const { own, groups, common } = allFlags(command.flags ?? [], command.groups ?? []);
  return [...own, ...groups, ...common, help].filter((spec) => !spec.hidden);
}

async function valuesOf({ complete, choices }: Valued, known: Known, words: readonly string[]): Promise<Candidate[]> {
  if (complete !== undefined) return known(complete, words);
  return (choices ?? []).map((word) => ({ word, description: '' }));
}
