using System.Management.Automation;

namespace Agb.PowerShell.Tests;

/// <summary>Proxy functions of cmdlets, as modules around this one make them.</summary>
public sealed class ProxyTests : CmdletTest
{
    public ProxyTests(ModuleRunspace module)
        : base(module) => UseConnection();

    /// <summary>All cmdlets of the module.</summary>
    public static TheoryData<string> Cmdlets =>
    [
        .. typeof(AgbConnection).Assembly.GetExportedTypes().SelectMany(t => t.GetCustomAttributes(false).OfType<CmdletAttribute>())
            .Select(c => $"{c.VerbName}-{c.NounName}").Order(),
    ];

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void A_proxy_has_the_parameters_of_its_cmdlet(string cmdlet) =>
        Texts($$"""
            $command = Get-Command {{cmdlet}} -CommandType Cmdlet
            $null = New-Item function:Use-Proxy -Value ([System.Management.Automation.ProxyCommand]::Create($command))
            $proxy = Get-Command Use-Proxy
            Compare-Object @($command.Parameters.Keys) @($proxy.Parameters.Keys) | ForEach-Object { $_.InputObject }
            Compare-Object @($command.ParameterSets.Name) @($proxy.ParameterSets.Name) | ForEach-Object { $_.InputObject }
            """).ShouldBeEmpty();

    [Fact]
    public void A_proxy_takes_the_pipeline() =>
        Texts("""
            $null = New-Item function:Use-Proxy -Value ([System.Management.Automation.ProxyCommand]::Create((Get-Command New-AgbSession)))
            $null = New-AgbContext store
            ('store' | Use-Proxy -Path /home/data).ContextSyncs.Path
            """).ShouldBe(["/home/data"]);
}
