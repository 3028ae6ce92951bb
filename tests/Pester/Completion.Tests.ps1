# Tab completion: from what is on this machine, quoted where needed, and silent whatever happens.
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
        $session = New-AgbContext mounted -Connection $connection | New-AgbSession
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

    It 'says nothing when the home can''t be used' {
        $env:AGB_HOME = New-Item -ItemType Directory "$TestDrive/broken"
        Set-Content "$TestDrive/broken/catalog.db" 'not a database'
        try {
            { Complete 'Get-AgbSession -SessionId zz' } | Should -Not -Throw
        }
        finally {
            Remove-Item env:AGB_HOME
        }
    }
}
