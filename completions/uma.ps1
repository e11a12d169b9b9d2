# PowerShell completion for uma: uma completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName uma -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
    if ($wordToComplete -eq '') { $words += '' }
    uma __complete @words 2>$null | ForEach-Object {
        $name, $text = $_ -split "`t", 2
        if (-not $text) { $text = $name }
        $word = if ($name -match "[^\w@%+=:,./-]") { "'" + $name.Replace("'", "''") + "'" } else { $name }
        [System.Management.Automation.CompletionResult]::new($word, $name, 'ParameterValue', $text)
    }
}
