using System.Management.Automation.Runspaces;
using System.Reflection;

namespace Agb.PowerShell;

/// <summary>Registers the extended members of the model's types in a runspace. A types file can't do it: PowerShell reads such
/// files before it loads the assembly with their methods.</summary>
internal static class MemberTypes
{
    // The depth of a policy with its lists: otherwise a job would get texts in place of inner parts.
    private const uint PolicyDepth = 4;

    private static readonly Type[] s_types =
    [
        typeof(AgbContext), typeof(AgbContextVersion), typeof(AgbContextFile), typeof(AgbContextDifference), typeof(AgbContextSync),
        typeof(AgbSyncPolicy), typeof(AgbSyncStatus), typeof(AgbSyncPlanItem), typeof(AgbSession), typeof(AgbCommandResult),
        typeof(AgbCommandOutput), typeof(AgbCodeResult), typeof(AgbImage), typeof(AgbHostCheck), typeof(AgbConnection),
        typeof(AgbServerProcess), typeof(AgbPath), typeof(AgbBrowser), typeof(AgbBrowserPage), typeof(AgbWindow), typeof(AgbApp),
        typeof(AgbAppProcess),
    ];

    /// <summary>Adds the members to the runspace of this thread.</summary>
    internal static void Add()
    {
        using var shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        foreach (var type in s_types)
        {
            // With force: after Remove-Module a runspace still has them.
            shell.AddStatement().AddCommand("Microsoft.PowerShell.Utility\\Update-TypeData").AddParameter("TypeData", Data(type)).AddParameter("Force");
        }
        shell.Invoke();
    }

    private static TypeData Data(Type type)
    {
        var data = new TypeData(type);
        foreach (var property in type.GetProperties().Where(p => p.Name == nameof(ObjectMembers.Path) || IsTime(p.PropertyType)))
        {
            data.Members.Add(property.Name, new CodePropertyData(property.Name, Method(property.Name), Method("Set" + property.Name)));
        }
        if (type != typeof(AgbContext) && type != typeof(AgbContextFile))
        {
            // Both types may be items of a drive; PowerShell adds a PSPath to such items.
            data.Members.Add(
                nameof(ObjectMembers.PSPath),
                new CodePropertyData(nameof(ObjectMembers.PSPath), Method(nameof(ObjectMembers.PSPath))) { IsHidden = true });
        }
        if (type == typeof(AgbSyncPolicy))
        {
            data.SerializationDepth = PolicyDepth;
        }
        return data;
    }

    private static bool IsTime(Type type) => type == typeof(DateTimeOffset) || type == typeof(DateTimeOffset?);

    private static MethodInfo Method(string name) => typeof(ObjectMembers).GetMethod(name)
        ?? throw new InvalidOperationException($"{nameof(ObjectMembers)} has no method '{name}'.");
}
