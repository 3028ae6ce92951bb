# What -Debug shows: the calls of a service with their arguments, or its wire, with secrets masked. And the warnings of the
# engine, as -Verbose shows them.
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

Describe '-Verbose' {
    BeforeEach {
        $store = [IO.Directory]::CreateTempSubdirectory('agb-verbose-').FullName
        $connection = Connect-Agb $store
        $context = New-AgbContext store -Connection $connection
        'text' | Set-Content "$($context.PSPath)/file"
        # A clear of a context with a missing layer fails in the background.
        Remove-Tree (Get-Item "$store/layers/*").FullName
        $null = Clear-AgbContext $context -NoWait
        Wait-Until { (Get-AgbContext $context.Id -Connection $connection).State -eq 'Available' } 'the end of the clear'
    }

    AfterEach {
        Remove-Tree $store
    }

    It 'shows a warning from work between two cmdlets, once' {
        $said = Get-AgbContext $context.Id -Connection $connection -Verbose 4>&1
        $said[0] | Should -BeOfType System.Management.Automation.VerboseRecord
        "$($said[0])" | Should -Match "^embedded: event 1002: The clear of the context $($context.Id) failed\. .*layers"
        "$(Get-AgbContext $context.Id -Connection $connection -Verbose 4>&1)" | Should -Not -Match 'event'
    }

    It 'shows it by the preference too' {
        $before = $global:VerbosePreference
        $global:VerbosePreference = 'Continue'
        try {
            $said = Get-AgbContext $context.Id -Connection $connection 4>&1
        }
        finally {
            $global:VerbosePreference = $before
        }
        "$said" | Should -Match 'event 1002'
    }
}
