# Tab completion: from what is on this machine, quoted where needed, and silent whatever happens.
BeforeDiscovery {
    . $PSScriptRoot/HostReady.ps1
}

BeforeAll {
    . $PSScriptRoot/Support.ps1

    # What the last word of a line completes to. $connection is the caller's.
    function Complete([string] $Line) {
        [System.Management.Automation.CommandCompletion]::CompleteInput($Line, $Line.Length, $null).CompletionMatches |
            ForEach-Object CompletionText
    }
}

Describe 'Completion' {
    BeforeAll {
        $connection = New-MemoryConnection
        'alpha', 'beta', 'it''s spaced' | ForEach-Object { $null = New-AgbContext $_ -Connection $connection }
        $session = New-AgbContext mounted -Connection $connection | New-AgbSession -Path '/home/my data' -Label @{ purpose = 'it''s a test' }
        # Completion looks variables up in the global scope, as at a prompt.
        Set-Variable connection $connection -Scope Global
    }

    AfterAll {
        Remove-Variable connection -Scope Global
    }

    It 'completes <line>' -ForEach @(
        @{ line = 'Get-AgbContext -Connection $connection -Name a'; expected = 'alpha' }
        @{ line = 'Get-AgbContext -Connection $connection it'; expected = "'it''s spaced'" }
        @{ line = 'New-AgbSession -Connection $connection -Context be'; expected = 'beta' }
        @{ line = 'Sync-AgbContext -Connection $connection -Context al'; expected = 'alpha' }
        @{ line = 'Remove-AgbContext -Connection $connection "be'; expected = 'beta' }
        @{ line = 'New-AgbSession -Connection $connection -ImageId *code'; expected = 'agb-code-space-1' }
        @{ line = 'New-AgbSyncPolicy -Lifecycle Lifecycle_30'; expected = 'Lifecycle_30Days' }
        @{ line = 'New-AgbSyncPolicy -UploadMode '; expected = 'File', 'Archive' }
        @{ line = 'Sync-AgbContext -Mode D'; expected = 'Download' }
        @{ line = 'Get-AgbContext -Connection $connection ''it''''s'; expected = "'it''s spaced'" }
        @{ line = 'Get-AgbContext -Connection $connection "it''s sp'; expected = "'it''s spaced'" }
        @{ line = 'Get-AgbSession -Connection $connection -Label '; expected = '@{ purpose = ''it''''s a test'' }' }
        @{ line = 'Sync-AgbContext -Connection $connection -Path /h'; expected = "'/home/my data'" }
        @{ line = 'Get-AgbSyncStatus s-none -Connection $connection -Path /h'; expected = @() }
        @{ line = 'Get-AgbContext -Connection $connection -Name [a'; expected = @() }
    ) {
        Complete $line | Should -Be $expected
    }

    It 'completes ids of sessions' {
        Complete 'Remove-AgbSession -Connection $connection -SessionId s' | Should -Be $session.SessionId
        Complete 'Invoke-AgbCommand ls -Connection $connection -Session s' | Should -Be $session.SessionId
    }

    It 'makes no directory and says nothing where there is no home' {
        $errorsBefore = $Error.Count
        $env:AGB_HOME = "$TestDrive/none"
        try {
            Complete 'Get-AgbContext -Name zz' | Should -BeNullOrEmpty
            $env:AGB_HOME | Should -Not -Exist
        }
        finally {
            Remove-Item env:AGB_HOME
        }
        $Error.Count | Should -Be $errorsBefore
    }

    It 'makes no store where the home is empty' {
        $env:AGB_HOME = New-Item -ItemType Directory "$TestDrive/empty"
        try {
            Complete 'Get-AgbContext -Name zz' | Should -BeNullOrEmpty
            Get-ChildItem $env:AGB_HOME -Force | Should -BeNullOrEmpty
        }
        finally {
            Remove-Item env:AGB_HOME
        }
    }

    It 'says nothing when the cloud is asked for' {
        $env:AGB_API_KEY = 'key'
        try {
            Complete 'Get-AgbContext -Name zz' | Should -BeNullOrEmpty
        }
        finally {
            Remove-Item env:AGB_API_KEY
        }
    }

    It 'says nothing when the home can''t be used: <line>' -ForEach @(
        @{ line = 'Get-AgbSession -SessionId zz' }
        @{ line = 'Get-AgbContext -Name zz' }
        @{ line = 'New-AgbSession -ImageId zz' }
        @{ line = 'New-AgbSession -Context nothing -Path /zz' }
        @{ line = 'Sync-AgbContext -Path /zz' }
        @{ line = 'Get-AgbSession -Label zz' }
    ) {
        $env:AGB_HOME = New-Item -ItemType Directory "$TestDrive/broken" -Force
        Set-Content "$TestDrive/broken/catalog.db" 'not a database'
        $errorsBefore = $Error.Count
        try {
            { Complete $line } | Should -Not -Throw
            Complete $line | Should -BeNullOrEmpty
            $Error.Count | Should -Be $errorsBefore
        }
        finally {
            Remove-Item env:AGB_HOME
        }
    }

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
