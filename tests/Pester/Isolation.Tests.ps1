# The module beside another one that brings other versions of the same third-party assemblies. Each case is a process of its
# own, because an assembly can't be unloaded. The other module is made here: a stub with the name, the key and the version
# that matter, and an assembly that uses it.
BeforeDiscovery {
    . $PSScriptRoot/Support.ps1
}

BeforeAll {
    . $PSScriptRoot/Support.ps1
    # Brings PowerShell's own compiler into the process.
    Add-Type 'namespace AgbTest { public class Warm { } }'

    # Compiles an assembly. Add-Type can't: it gives every assembly a name of its own choice.
    function New-Assembly([string] $Path, [string] $Code, [byte[]] $PublicKey, [string[]] $Reference = @()) {
        $options = [Microsoft.CodeAnalysis.CSharp.CSharpCompilationOptions]::new('DynamicallyLinkedLibrary')
        if ($PublicKey) {
            $options = $options.WithPublicSign($true).WithCryptoPublicKey([Collections.Immutable.ImmutableArray]::Create($PublicKey))
        }
        $references = @([object].Assembly.Location) + $Reference |
            ForEach-Object { [Microsoft.CodeAnalysis.MetadataReference]::CreateFromFile($_) }
        $compilation = [Microsoft.CodeAnalysis.CSharp.CSharpCompilation]::Create(
            [IO.Path]::GetFileNameWithoutExtension($Path),
            [Microsoft.CodeAnalysis.SyntaxTree[]] @([Microsoft.CodeAnalysis.CSharp.CSharpSyntaxTree]::ParseText($Code)),
            [Microsoft.CodeAnalysis.MetadataReference[]] $references, $options)
        $stream = [IO.File]::Create($Path)
        try {
            $result = $compilation.Emit($stream)
        }
        finally {
            $stream.Dispose()
        }
        $result.Success | Should -BeTrue -Because ($result.Diagnostics -join "`n")
    }

    # Makes a module whose own assembly uses a stub of the given name and version. The stub has the real one's public key, as
    # otherwise no reference would ever bind to it.
    function New-OtherModule([string] $Name, [string] $Version) {
        $folder = "$TestDrive/$Name-$Version/Other"
        $null = New-Item $folder -ItemType Directory
        $key = [Reflection.AssemblyName]::GetAssemblyName("$Root/bin/$Name.dll").GetPublicKey()
        New-Assembly "$folder/$Name.dll" -PublicKey $key -Code "
            [assembly: System.Reflection.AssemblyVersion(`"$Version`")]
            namespace Stub { public class Marker { } }"
        New-Assembly "$folder/Other.dll" -Reference "$folder/$Name.dll" -Code '
            namespace Other { public class User {
                public static string Uses() => typeof(Stub.Marker).Assembly.GetName().Version.ToString(); } }'
        Set-Content "$folder/Other.psm1" 'Add-Type -Path "$PSScriptRoot/Other.dll"'
        $folder
    }

    # Runs a script in a process of its own with a store of its own; emits what it wrote.
    function Invoke-Alone([string] $Script) {
        $store = [IO.Directory]::CreateTempSubdirectory('agb-alone-').FullName
        try {
            & $Pwsh @PwshLeading -NoProfile -NonInteractive -Command "
                `$ErrorActionPreference = 'Stop'
                `$env:AGB_HOME = '$store'
                Remove-Item env:AGB_API_KEY -ErrorAction Ignore
                $Script"
        }
        finally {
            Remove-Tree $store
        }
    }

    $useAgb = "Import-Module '$Root/Agb.psd1'; (New-AgbContext beside).Name"
}

Describe 'Beside a module with another <name> (<version>)' -ForEach @(
    @{ name = 'Microsoft.Data.Sqlite'; version = '1.0.0.0' }
    @{ name = 'Microsoft.Data.Sqlite'; version = '99.0.0.0' }
    @{ name = 'Microsoft.Extensions.Logging.Abstractions'; version = '1.0.0.0' }
    @{ name = 'Microsoft.Extensions.Logging.Abstractions'; version = '99.0.0.0' }
    @{ name = 'SQLitePCLRaw.core'; version = '1.0.0.0' }
    @{ name = 'SQLitePCLRaw.core'; version = '99.0.0.0' }
) {
    BeforeAll {
        $other = New-OtherModule $name $version
    }

    It 'works when that one was loaded first' {
        Invoke-Alone "Import-Module '$other'; [Other.User]::Uses(); $useAgb" | Should -Be $version, 'beside'
    }

    It 'works when that one is loaded afterwards, and leaves it its own' {
        Invoke-Alone "$useAgb; Import-Module '$other'; [Other.User]::Uses(); (Get-AgbContext).Name" |
            Should -Be 'beside', $version, 'beside'
    }
}

Describe 'What the module loads' {
    It 'is all private but the assemblies whose types users name' {
        $loaded = Invoke-Alone "
            $useAgb | Out-Null
            foreach (`$assembly in [AppDomain]::CurrentDomain.GetAssemblies()) {
                if (`$assembly.GetName().Name -match '^Agb|Sqlite|SQLitePCL|Logging') {
                    '{0}: {1}' -f `$assembly.GetName().Name, [Runtime.Loader.AssemblyLoadContext]::GetLoadContext(`$assembly).Name
                }
            }"
        $loaded | Sort-Object | Should -Be @(
            'Agb.Cloud: Agb dependencies', 'Agb.Core: Default', 'Agb.Engine: Agb dependencies', 'Agb.Linux: Agb dependencies'
            'Agb.PowerShell: Default', 'Agb.Sandbox: Agb dependencies', 'Agb.Store: Agb dependencies'
            'Microsoft.Data.Sqlite: Agb dependencies', 'Microsoft.Extensions.Logging.Abstractions: Agb dependencies', 'SQLitePCLRaw.batteries_v2: Agb dependencies'
            'SQLitePCLRaw.core: Agb dependencies', 'SQLitePCLRaw.provider.e_sqlite3: Agb dependencies')
    }
}
