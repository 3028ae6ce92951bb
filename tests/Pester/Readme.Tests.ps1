# The README's own snippets: each ```powershell block that is directly followed by an ```output (or ```text) block is run,
# in the order of the page, in one PowerShell with a fresh AGB_HOME; each statement as if it was typed at a prompt 100
# columns wide. What it prints is compared with what is shown.
# Before the comparison, on both sides:
#   - ids become <id>, times <time>, ages <age>, durations <duration>; all else stays as it is;
#   - runs of blanks and of dashes become one, because columns move with the lengths above;
#   - blank lines and blanks at the ends of lines are dropped.
BeforeDiscovery {
    . $PSScriptRoot/HostReady.ps1
    $page = Get-Content "$Root/README.md" -Raw
    $number = 0
    $snippets = @([regex]::Matches($page, '(?ms)^```powershell\r?\n(?<code>(?:(?!```)[^\n]*\n)*)^```\s*\r?\n\s*^```(output|text)\r?\n(?<output>.*?)^```') |
        ForEach-Object {
            @{ Number = ++$number; Code = $_.Groups['code'].Value; Expected = $_.Groups['output'].Value }
        })
}

Describe 'The README''s snippets' -Skip:(-not $hostReady) -ForEach @(@{ Snippets = $snippets }) {
    BeforeAll {
        . $PSScriptRoot/Support.ps1

        function ConvertTo-Comparable([string] $Text) {
            $plain = $Text -replace '\x1b\[[0-9;]*m', '' -replace [regex]::Escape($env:AGB_HOME), '<home>' `
                -replace '\b(SdkCtx|session|s)-[A-Za-z0-9]{6,}(\.\.\.|\u2026)?', '<id>' `
                -replace '\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(Z| [+-]\d\d:\d\d)?', '<time>' `
                -replace '\d\d/\d\d/\d{4} \d\d:\d\d:\d\d( [+-]\d\d:\d\d)?', '<time>' `
                -replace '\bnow\b|\b\d+ (s|min|h|d) ago\b', '<age>' `
                -replace '\b\d+(\.\d+)? (ms|s|min \d+ s)\b', '<duration>'
            @($plain -split '\r?\n' | ForEach-Object { ($_ -replace '\s+', ' ' -replace '-{2,}', '--').Trim() } | Where-Object { $_ })
        }

        Initialize-AgbHome
        $script = [Text.StringBuilder]::new()
        $null = $script.AppendLine('$PSStyle.OutputRendering = "PlainText"')
        $null = $script.AppendLine('$ErrorActionPreference = "Stop"')
        foreach ($snippet in $Snippets) {
            $syntax = [System.Management.Automation.Language.Parser]::ParseInput($snippet.Code, [ref] $null, [ref] $null)
            foreach ($statement in $syntax.EndBlock.Statements.Extent.Text) {
                $null = $script.AppendLine(". {`n$statement`n} | Out-String -Width 100 | Add-Content '$TestDrive/$($snippet.Number).txt'")
            }
        }
        $file = "$TestDrive/snippets.ps1"
        Set-Content $file $script.ToString()
        $said = & $Pwsh @PwshLeading -NoProfile -NonInteractive -WorkingDirectory $Root -File $file 2>&1 | Out-String
    }

    AfterAll {
        Clear-AgbHome
    }

    It 'print what the page shows: snippet <Number>' -ForEach $snippets {
        "$TestDrive/$Number.txt" | Should -Exist -Because "the snippets before it must run: $said"
        ConvertTo-Comparable (Get-Content "$TestDrive/$Number.txt" -Raw) | Should -Be (ConvertTo-Comparable $Expected)
    }
}
