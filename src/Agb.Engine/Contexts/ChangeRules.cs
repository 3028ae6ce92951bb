using System.Text;

namespace Agb.Engine;

/// <summary>Rules for changes of a context's files, independent of its contents.</summary>
internal static class ChangeRules
{
    /// <summary>Maximum length of a link's target in bytes (PATH_MAX with the terminator, limits.h).</summary>
    private const int MaxTargetBytes = 4095;

    private const int AllPermissions = 0xFFF;

    /// <summary>Checks a change and returns it with a normalized path.</summary>
    /// <exception cref="AgbException">InvalidPath, InvalidRequest.</exception>
    internal static AgbContextFileChange Require(AgbContextFileChange change)
    {
        var path = LinuxPath.NormalizeFile(change.Path);
        if (path == "/")
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidPath, "The path '/' is the context itself; expected a path below it.",
                target: change.Path, advice: AgbAdvice.ClearContext);
        }
        if (path.Count(c => c == '/') > TreeDepth.Max)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidPath, $"The path lies more than {TreeDepth.Max} directories deep; contexts store no deeper trees.",
                target: change.Path);
        }
        switch (change)
        {
            case AgbContextFileChange.Put put:
                RequirePermissions(put.Mode, path);
                break;
            case AgbContextFileChange.MakeDirectory directory:
                RequirePermissions(directory.Mode, path);
                break;
            case AgbContextFileChange.Link { Target: var target }
                when string.IsNullOrEmpty(target) || target.Contains('\0') || Encoding.UTF8.GetByteCount(target) > MaxTargetBytes:
                throw AgbErrors.Invalid(
                    AgbErrorIds.InvalidPath,
                    $"The target of the link '{path}' is empty, holds a NUL character, or has more than {MaxTargetBytes} bytes.", target: target);
        }
        return change with { Path = path };
    }

    /// <summary>The target directory of a change, recorded as an origin of the context's data; null for a change that stores
    /// nothing.</summary>
    internal static string? DirectoryOf(AgbContextFileChange change) => change switch
    {
        AgbContextFileChange.Remove => null,
        AgbContextFileChange.MakeDirectory => change.Path,
        _ => change.Path[..Math.Max(1, change.Path.LastIndexOf('/'))],
    };

    private static void RequirePermissions(int? mode, string path)
    {
        if (mode is < 0 or > AllPermissions)
        {
            throw AgbErrors.Invalid(
                AgbErrorIds.InvalidRequest, $"The mode {mode} of '{path}' is not valid; expected 0 to {AllPermissions} (octal 7777).", target: mode);
        }
    }
}
