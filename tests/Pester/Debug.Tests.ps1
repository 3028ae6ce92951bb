# What -Debug shows: the calls of a service with their arguments, or its wire, with secrets masked.
BeforeAll {
    . $PSScriptRoot/Support.ps1
}

Describe '-Debug' {
    BeforeEach {
        $connection = New-MemoryConnection
    }

    It 'tells each call with its arguments' {
        $said = & { New-AgbContext store -Connection $connection -Debug } 5>&1
        $said[0] | Should -BeOfType System.Management.Automation.DebugRecord
        "$($said[0])" | Should -Be "memory.CreateContextAsync(name: 'store', getExisting: False)"
        "$($said[1])" | Should -Match "^memory: create context 'store' took"
        $said[2] | Should -BeOfType Agb.AgbContext
    }

    It 'masks the values of tables' {
        $session = New-AgbSession -Connection $connection
        $said = & { $session | Invoke-AgbCommand 'echo a' -Environment @{ TOKEN = 'secret-value' } -Debug } 5>&1
        "$said" | Should -Match "RunCommandAsync\(sessionId: '$session', request: \{ Command: 'echo a', .*Environment: \{TOKEN=\*\*\*\}"
        "$said" | Should -Not -Match 'secret-value'
    }

    It 'is told by the preference too, and is silent without either' {
        $before = $global:DebugPreference
        $global:DebugPreference = 'Continue'
        try {
            $said = Get-AgbContext -Connection $connection 5>&1
        }
        finally {
            $global:DebugPreference = $before
        }
        "$said" | Should -Match 'ListContextsAsync'
        & { Get-AgbContext -Connection $connection } 5>&1 | Should -BeNullOrEmpty
    }

    It 'emits objects of the service itself' {
        $context = New-AgbContext store -Connection $connection -Debug 5> $null
        [object]::ReferenceEquals($context.Service, $connection.Service) | Should -BeTrue
        $image = Get-AgbImage *code* -Connection $connection -Debug 5> $null
        [object]::ReferenceEquals($image.Service, $connection.Service) | Should -BeTrue
    }

    It 'tells errors as they are' {
        Get-ErrorIdOf { Get-AgbContext none -Connection $connection -Debug 5> $null } | Should -Be ContextNotFound
    }
}
