using System.Runtime.CompilerServices;

namespace Agb.PowerShell;

/// <summary>Extended members of the model's objects, beside or in place of their own properties; Agb.Types.ps1xml names each
/// method. A time is local, as from Get-Process and Get-ChildItem, and a path never binds as a local path.</summary>
public static class ObjectMembers
{
    /// <summary>The path in the context or the session.</summary>
    public static object? Path(PSObject instance) => Own(instance) is string path ? new AgbPath(path, PSPath(instance)) : null;

    /// <summary>The PSPath of an object: on the drive of contexts, or at a place outside of all providers.</summary>
    public static string PSPath(PSObject instance) => Arguments(instance) switch
    {
        AgbPath path => path.ItemPath,
        AgbContext { Service: { } service } context => DrivePath.PSPathOf(service, context.Id, "/"),
        // The drive shows only the newest version; a file of another version must not be taken for it.
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

    /// <summary>The time of creation.</summary>
    public static object? CreatedAt(PSObject instance) => Local(instance);

    /// <summary>The last use of a context.</summary>
    public static object? LastUsedAt(PSObject instance) => Local(instance);

    /// <summary>The last modification.</summary>
    public static object? ModifiedAt(PSObject instance) => Local(instance);

    /// <summary>The last modification on the other side.</summary>
    public static object? DifferenceModifiedAt(PSObject instance) => Local(instance);

    /// <summary>The end of a session.</summary>
    public static object? ExpiresAt(PSObject instance) => Local(instance);

    /// <summary>The release of a session.</summary>
    public static object? ReleasedAt(PSObject instance) => Local(instance);

    /// <summary>The registration of a task.</summary>
    public static object? StartTime(PSObject instance) => Local(instance);

    /// <summary>The end of a task.</summary>
    public static object? FinishTime(PSObject instance) => Local(instance);

    /// <summary>The time of a line.</summary>
    public static object? Time(PSObject instance) => Local(instance);

    /// <summary>Sets a path of an object made by a script.</summary>
    public static void SetPath(PSObject instance, object? value) => Set(instance, nameof(Path), value?.ToString());

    /// <summary>Sets the creation time of an object made by a script.</summary>
    public static void SetCreatedAt(PSObject instance, object? value) => SetLocal(instance, value);

    /// <summary>Sets the last use of an object made by a script.</summary>
    public static void SetLastUsedAt(PSObject instance, object? value) => SetLocal(instance, value);

    /// <summary>Sets the modification time of an object made by a script.</summary>
    public static void SetModifiedAt(PSObject instance, object? value) => SetLocal(instance, value);

    /// <summary>Sets the other modification time of an object made by a script.</summary>
    public static void SetDifferenceModifiedAt(PSObject instance, object? value) => SetLocal(instance, value);

    /// <summary>Sets the end of an object made by a script.</summary>
    public static void SetExpiresAt(PSObject instance, object? value) => SetLocal(instance, value);

    /// <summary>Sets the release of an object made by a script.</summary>
    public static void SetReleasedAt(PSObject instance, object? value) => SetLocal(instance, value);

    /// <summary>Sets the start of an object made by a script.</summary>
    public static void SetStartTime(PSObject instance, object? value) => SetLocal(instance, value);

    /// <summary>Sets the finish of an object made by a script.</summary>
    public static void SetFinishTime(PSObject instance, object? value) => SetLocal(instance, value);

    /// <summary>Sets the time of an object made by a script.</summary>
    public static void SetTime(PSObject instance, object? value) => SetLocal(instance, value);

    /// <summary>The object with its PSPath as an instance property: PowerShell adds a PSPath to items of a drive, and can't if
    /// the type has one.</summary>
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

    private static object Arguments(PSObject instance) => PowerShell.Arguments.NotNull(instance).BaseObject;

    /// <summary>The object's own property with the caller's name, behind its extended member.</summary>
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
