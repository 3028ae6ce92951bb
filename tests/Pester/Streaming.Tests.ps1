# A terminal where there is none. Lines, jobs, progress and verbose output: tests/Agb.PowerShell.Tests.
BeforeAll {
    . $PSScriptRoot/Support.ps1
}

Describe 'Enter-AgbSession' {
    It 'says that it needs a terminal' {
        $connection = New-MemoryConnection
        $session = New-AgbSession -Connection $connection
        # A pipeline of a program has no interface, wherever the tests themselves run.
        $run = Start-Pipeline '$session | Enter-AgbSession' @{ session = $session }
        $null = $run.Shell.EndInvoke($run.Run)
        $run.Shell.Streams.Error[0].FullyQualifiedErrorId | Should -BeLike 'TerminalRequired,*'
    }
}
