# Tab completion from the store of this machine. Completion on a service in memory: tests/Agb.PowerShell.Tests.
BeforeDiscovery {
    . $PSScriptRoot/HostReady.ps1
}

BeforeAll {
    . $PSScriptRoot/Support.ps1

    # The completions of the last word of a line.
    function Complete([string] $Line) {
        [System.Management.Automation.CommandCompletion]::CompleteInput($Line, $Line.Length, $null).CompletionMatches |
            ForEach-Object CompletionText
    }
}

Describe 'Completion' {
    It 'gives up on a store that does not answer' {
        # Opening a FIFO waits for its other end, which never comes. In a process of its own, because one of its threads hangs.
        $null = New-Item -ItemType Directory "$TestDrive/hung"
        mkfifo "$TestDrive/hung/catalog.db"
        Set-Content "$TestDrive/complete.ps1" @"
`$env:AGB_HOME = '$TestDrive/hung'
Import-Module '$Root/Agb.psd1'
`$line = 'Get-AgbContext -Name zz'
`$found = [System.Management.Automation.CommandCompletion]::CompleteInput(`$line, `$line.Length, `$null)
"completions: `$(`$found.CompletionMatches.Count)"
[Environment]::Exit(0)
"@
        & $Pwsh @PwshLeading -NoProfile -File "$TestDrive/complete.ps1" | Should -Be 'completions: 0'
    }
}

Describe 'Completion of paths' -Skip:(-not $hostReady) {
    BeforeAll {
        Initialize-AgbHome
        foreach ($path in '/home/one', '/srv/two words') {
            $session = New-AgbContext demo -GetExisting | New-AgbSession -Path $path
            $null = $session | Invoke-AgbCommand "echo x > '$path/file'"
            $session | Remove-AgbSession
        }
        $null = New-AgbContext none
        Set-Variable demo (Get-AgbContext demo) -Scope Global
    }

    AfterAll {
        Remove-Variable demo -Scope Global
        Clear-AgbHome
    }

    It 'gives those of the context: <line>' -ForEach @(
        @{ line = 'New-AgbSession -Context demo -Path '; expected = '/home/one', "'/srv/two words'" }
        @{ line = 'New-AgbSession demo -MappingPath /h'; expected = '/home/one' }
        @{ line = 'New-AgbContextSync $demo /s'; expected = "'/srv/two words'" }
        @{ line = 'New-AgbContextSync -Context none -MappingPath /zz'; expected = @() }
        @{ line = 'New-AgbSession -Context no-such -Path /zz'; expected = @() }
        @{ line = 'New-AgbSyncPolicy -MappingPath /home/o'; expected = '/home/one' }
    ) {
        Complete $line | Should -Be $expected
    }
}
