# The resource of DSC 3, driven as dsc drives it: by the manifest's own commands.
BeforeAll {
    . $PSScriptRoot/Support.ps1
    Initialize-AgbHome
    $folder = "$Root/bin"
    $manifest = Get-Content "$folder/agb.context.dsc.resource.json" -Raw | ConvertFrom-Json

    function Invoke-Resource([string] $Operation, [string] $State = '') {
        $call = $manifest.$Operation
        $call.executable | Should -Be pwsh
        Push-Location $folder
        try {
            $answer = $State | & $Pwsh @PwshLeading @($call.args) 2>"$TestDrive/error"
        }
        finally {
            Pop-Location
        }
        [pscustomobject]@{ ExitCode = $LASTEXITCODE; State = @($answer | ConvertFrom-Json); Error = Get-Content "$TestDrive/error" -Raw }
    }
}

AfterAll {
    Clear-AgbHome
}

Describe 'The resource Agb/Context' {
    It 'says what is missing, makes it once, and takes it away' {
        (Invoke-Resource get '{"name":"web"}').State._exist | Should -BeFalse
        (Invoke-Resource set '{"name":"web"}').State._exist | Should -BeTrue
        $id = (Get-AgbContext web).Id
        (Invoke-Resource set '{"name":"web","_exist":true}').State.id | Should -Be $id
        (Invoke-Resource get '{"name":"web"}').State.id | Should -Be $id
        (Invoke-Resource export).State.name | Should -Be web
        (Invoke-Resource set '{"name":"web","_exist":false}').State._exist | Should -BeFalse
        Get-AgbContext | Should -BeNullOrEmpty
        (Invoke-Resource set '{"name":"web","_exist":false}').ExitCode | Should -Be 0
    }

    It 'fails with the reason as JSON' {
        $failed = Invoke-Resource set '{"name":".."}'
        $failed.ExitCode | Should -Be 1
        ($failed.Error | ConvertFrom-Json).error | Should -Match ([regex]::Escape("'..'"))
        (Invoke-Resource get '{}').ExitCode | Should -Be 1
    }
}
