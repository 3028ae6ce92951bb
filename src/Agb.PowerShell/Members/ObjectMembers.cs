using System.Globalization;
using System.Management.Automation;
using System.Runtime.CompilerServices;
using Agb.PowerShell.Drive;

namespace Agb.PowerShell;

/// <summary>What PowerShell shows of the model's objects beside or in place of their own properties; MemberTypes names each
/// method. A time is local, as Get-Process and Get-ChildItem give it, and a path never binds as one of this machine.</summary>
public static class ObjectMembers
{
    /// <summary>The path in the context or the session.</summary>
    public static object? Path(PSObject instance) => Own(instance) is string path ? new AgbPath(path, PSPath(instance)) : null;

    /// <summary>Where cmdlets for files find the object: on the drive of contexts, or at a place that no provider has.</summary>
    public static string PSPath(PSObject instance) => Arguments(instance) switch
    {
        AgbPath path => path.ItemPath,
        AgbContext { Service: { } service } context => DrivePath.PSPathOf(service, context.Id, "/"),
        // The drive shows the newest version alone; a file of another one must not be taken for it.
        AgbContextFile file when instance.Properties["Version"] is { } version => $"AgbContextVersion::{file.ContextId}/{version.Value}{file.Path}",
        AgbContextFile { Service: { } service } file => DrivePath.PSPathOf(service, file.ContextId, file.Path),
        AgbContextFile file => $"{nameof(AgbContextFile)}::{file.ContextId}{file.Path}",
        AgbContextDifference difference => $"{nameof(AgbContextDifference)}::{difference.ContextId}{difference.Path}",
        AgbSession session => $"{nameof(AgbSession)}::{session.SessionId}",
        AgbSyncStatus status => $"{nameof(AgbSession)}::{status.SessionId}{status.Path}",
        AgbSyncPlanItem item => $"{nameof(AgbSession)}::{item.SessionId}{item.Path}",
        AgbContextSync sync => $"{nameof(AgbContextSync)}::{sync.ContextId}{sync.Path}",
        { } other => $"{other.GetType().Name}::",
    };

    /// <summary>When it was created.</summary>
    public static object? CreatedAt(PSObject instance) => Local(instance);

    /// <summary>When a context was last used.</summary>
    public static object? LastUsedAt(PSObject instance) => Local(instance);

    /// <summary>When it was modified.</summary>
    public static object? ModifiedAt(PSObject instance) => Local(instance);

    /// <summary>When the other side was modified.</summary>
    public static object? DifferenceModifiedAt(PSObject instance) => Local(instance);

    /// <summary>When a session ends.</summary>
    public static object? ExpiresAt(PSObject instance) => Local(instance);

    /// <summary>When a session ended.</summary>
    public static object? ReleasedAt(PSObject instance) => Local(instance);

    /// <summary>When a task was registered.</summary>
    public static object? StartTime(PSObject instance) => Local(instance);

    /// <summary>When a task ended.</summary>
    public static object? FinishTime(PSObject instance) => Local(instance);

    /// <summary>When a line was written.</summary>
    public static object? Time(PSObject instance) => Local(instance);

    /// <summary>Sets a path of an object that a script makes.</summary>
    public static void SetPath(PSObject instance, object? value) => Set(instance, nameof(Path), value?.ToString());

    /// <summary>Sets the creation of an object that a script makes.</summary>
    public static void SetCreatedAt(PSObject instance, object? value) => SetLocal(instance, value);

    /// <summary>Sets the last use of an object that a script makes.</summary>
    public static void SetLastUsedAt(PSObject instance, object? value) => SetLocal(instance, value);

    /// <summary>Sets the modification of an object that a script makes.</summary>
    public static void SetModifiedAt(PSObject instance, object? value) => SetLocal(instance, value);

    /// <summary>Sets the other modification of an object that a script makes.</summary>
    public static void SetDifferenceModifiedAt(PSObject instance, object? value) => SetLocal(instance, value);

    /// <summary>Sets the end of an object that a script makes.</summary>
    public static void SetExpiresAt(PSObject instance, object? value) => SetLocal(instance, value);

    /// <summary>Sets the release of an object that a script makes.</summary>
    public static void SetReleasedAt(PSObject instance, object? value) => SetLocal(instance, value);

    /// <summary>Sets the start of an object that a script makes.</summary>
    public static void SetStartTime(PSObject instance, object? value) => SetLocal(instance, value);

    /// <summary>Sets the finish of an object that a script makes.</summary>
    public static void SetFinishTime(PSObject instance, object? value) => SetLocal(instance, value);

    /// <summary>Sets the time of an object that a script makes.</summary>
    public static void SetTime(PSObject instance, object? value) => SetLocal(instance, value);

    /// <summary>The object with its PSPath, where each object has its own: PowerShell adds one to an item of a drive, which it can't where
    /// the type has it.</summary>
    internal static object Placed(object value)
    {
        if ((value is PSObject bag ? bag.BaseObject : value) is AgbContext or AgbContextFile)
        {
            var instance = PSObject.AsPSObject(value);
            instance.Properties.Remove(nameof(PSPath));
            instance.Properties.Add(new PSNoteProperty(nameof(PSPath), PSPath(instance)), preValidated: true);
        }
        return value;
    }

    private static object Arguments(PSObject instance) => Hosting.Arguments.NotNull(instance).BaseObject;

    /// <summary>The object's own property of the name of the caller, whatever PowerShell shows under it.</summary>
    private static object? Own(PSObject instance, [CallerMemberName] string name = "")
    {
        var own = Arguments(instance);
        return own.GetType().GetProperty(name)?.GetValue(own);
    }

    private static DateTime? Local(PSObject instance, [CallerMemberName] string name = "") =>
        (Own(instance, name) as DateTimeOffset?)?.LocalDateTime;

    private static void SetLocal(PSObject instance, object? value, [CallerMemberName] string name = "") => Set(
        instance, name["Set".Length..],
        value is null ? null : LanguagePrimitives.ConvertTo(value, typeof(DateTimeOffset), CultureInfo.InvariantCulture));

    private static void Set(PSObject instance, string name, object? value)
    {
        var own = Arguments(instance);
        (own.GetType().GetProperty(name) ?? throw new PSArgumentException($"'{own.GetType().Name}' has no property '{name}'.", name)).SetValue(own, value);
    }
}
