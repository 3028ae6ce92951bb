# The warnings of the engine, as -Verbose shows them.
BeforeAll {
    . $PSScriptRoot/Support.ps1
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
