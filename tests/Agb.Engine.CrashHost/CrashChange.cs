namespace Agb.Engine.CrashHost;

/// <summary>The changes that are made until the process is killed.</summary>
internal static class CrashChange
{
    /// <summary>One file is changed, one removed, one added in a directory of its own, and a directory replaced.</summary>
    internal static AgbContextFileChange[] All =>
    [
        Put("/data/a", "changed"), new AgbContextFileChange.Remove("/data/b"), Put("/data/new/c", "new"),
        new AgbContextFileChange.Remove("/data/d", Recurse: true), Put("/data/d/z", "z"),
    ];

    private static AgbContextFileChange.Put Put(string path, string text) =>
        new(path, _ => Task.FromResult<Stream>(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text))));
}
