# Views in redirected output. Views of each type: tests/Agb.PowerShell.Tests.
BeforeAll {
    . $PSScriptRoot/Support.ps1
}

Describe 'Colour' {
    It 'is left out where the output is redirected' {
        $text = & $Pwsh @PwshLeading -NoProfile -Command "
            Import-Module '$Root/Agb.psd1'
            [Agb.AgbHostCheck]@{ Name = 'bubblewrap'; Status = 'Missing'; Detail = 'not found on PATH' } | Out-File '$TestDrive/view.txt'"
        $text | Should -BeNullOrEmpty
        Get-Content "$TestDrive/view.txt" -Raw | Should -Match 'Missing'
        Get-Content "$TestDrive/view.txt" -Raw | Should -Not -Match ([char] 27)
    }
}
