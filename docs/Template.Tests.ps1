# A verification of a pipeline, to be copied and changed: Invoke-Pester ./Template.Tests.ps1
BeforeAll {
    # In a checkout its own module; elsewhere the installed one.
    $manifest = Join-Path $PSScriptRoot ../Agb.psd1
    Import-Module ((Test-Path $manifest) ? $manifest : 'Agb')
    $context = New-AgbContext "verification-$(New-Guid)"
    $session = $context | New-AgbSession -Path /home/data
}

AfterAll {
    $session | Remove-AgbSession -DiscardChanges
    $context | Remove-AgbContext -Force
}

Describe 'The report' {
    BeforeAll {
        $session | Invoke-AgbCommand 'echo "all is well" > /home/data/report.txt'
    }

    It 'is made by a command that succeeds' {
        'wc -l < /home/data/report.txt' | Should -SucceedInAgbSession $session
        'ls /home/data/no-such-file' | Should -Not -SucceedInAgbSession $session
    }

    It 'is in the session' {
        $session | Should -HaveAgbFile /home/data/report.txt
        $session | Should -Not -HaveAgbFile /home/data/draft.txt
        $session | Should -HaveAgbFileContent /home/data/report.txt 'all is well'
    }
}
