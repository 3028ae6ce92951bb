using System.Runtime.Loader;

namespace Agb.PowerShell.Tests;

/// <summary>Proof that these tests have the arrangement of PowerShell: assemblies of the module folder, most of them apart.</summary>
public sealed class LoadingTests(ModuleRunspace module) : CmdletTest(module)
{
    [Fact]
    public void The_assemblies_are_those_of_the_module_folder_and_load_apart()
    {
        One<string>("(Connect-Agb $folder/home -Test).HomeDirectory").ShouldBe(Path.Combine(Folder, "home"));

        var loaded = AppDomain.CurrentDomain.GetAssemblies()
            .Where(a => a.GetName().Name is "Agb.Core" or "Agb.PowerShell" or "Agb.Engine" or "Agb.Store" or "Microsoft.Data.Sqlite")
            .ToDictionary(a => a.GetName().Name!, a => AssemblyLoadContext.GetLoadContext(a)!.Name + " " + Path.GetDirectoryName(a.Location));

        var bin = Path.Combine(Path.GetDirectoryName(ModuleFolder.Manifest)!, "bin");
        loaded.ShouldBe(
            new Dictionary<string, string>
            {
                ["Agb.Core"] = "Default " + bin,
                ["Agb.PowerShell"] = "Default " + bin,
                ["Agb.Engine"] = "Agb dependencies " + bin,
                ["Agb.Store"] = "Agb dependencies " + bin,
                ["Microsoft.Data.Sqlite"] = "Agb dependencies " + bin,
            },
            ignoreOrder: true);
    }
}
