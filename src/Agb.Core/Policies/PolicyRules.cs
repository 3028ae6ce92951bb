namespace Agb;

/// <summary>Finds all faults of a sync policy, not only the first.</summary>
internal static class PolicyRules
{
    internal static IEnumerable<string> Faults(AgbSyncPolicy policy)
    {
        foreach (var fault in UndefinedValues(policy))
        {
            yield return fault;
        }
        foreach (var path in policy.Recycle.Paths)
        {
            // "" stands for the whole mount.
            if (path.Length > 0 && PathFault(path) is { } fault)
            {
                yield return $"The recycle path '{path}' {fault}.";
            }
        }
        foreach (var entry in policy.WhiteLists)
        {
            if (string.IsNullOrWhiteSpace(entry.Path))
            {
                yield return "A white list path is empty.";
            }
            foreach (var path in entry.ExcludePaths.Prepend(entry.Path))
            {
                if (PathFault(path) is { } fault)
                {
                    yield return $"The white list path '{path}' {fault}.";
                }
            }
        }
    }

    private static IEnumerable<string> UndefinedValues(AgbSyncPolicy policy)
    {
        if (!Enum.IsDefined(policy.Upload.UploadStrategy))
        {
            yield return $"The upload strategy '{policy.Upload.UploadStrategy}' does not exist; {Expected<AgbUploadStrategy>()}.";
        }
        if (!Enum.IsDefined(policy.Upload.UploadMode))
        {
            yield return $"The upload mode '{policy.Upload.UploadMode}' does not exist; {Expected<AgbUploadMode>()}.";
        }
        if (!Enum.IsDefined(policy.Download.DownloadStrategy))
        {
            yield return $"The download strategy '{policy.Download.DownloadStrategy}' does not exist; {Expected<AgbDownloadStrategy>()}.";
        }
        if (!Enum.IsDefined(policy.Recycle.Lifecycle))
        {
            yield return $"The lifecycle '{policy.Recycle.Lifecycle}' does not exist; {Expected<AgbLifecycle>()}.";
        }
    }

    private static string Expected<T>()
        where T : struct, Enum => "expected " + string.Join(", ", Enum.GetNames<T>());

    private static string? PathFault(string path) =>
        LinuxPath.HasWildcard(path) ? "holds a wildcard (* ? [ ]); only exact paths are allowed"
        : path.Contains('\0') ? "holds a NUL character"
        : path.Split('/').Contains("..") ? "holds '..'"
        : System.Text.Encoding.UTF8.GetByteCount(path) > LinuxPath.MaxPathBytes ? $"has more than {LinuxPath.MaxPathBytes} bytes"
        : null;
}
