using System.Formats.Tar;

namespace Agb.Benchmarks.Peers;

/// <summary>A container image of a shell and three programs of this host, so that none has to be downloaded.</summary>
internal static class SmallImage
{
    private static readonly string[] s_programs = ["sh", "true", "sleep", "cat"];

    /// <summary>Writes the image's files as an archive.</summary>
    /// <returns>The archive.</returns>
    internal static async Task<string> WriteAsync(PeerPrograms programs, string directory)
    {
        var root = Path.Combine(directory, "image");
        foreach (var empty in (string[])["bin", "dev", "etc", "proc", "run", "sys", "tmp"])
        {
            Directory.CreateDirectory(Path.Combine(root, empty));
        }
        foreach (var name in s_programs)
        {
            var program = programs.Find(name) ?? throw new Measure.PeerException($"{name} is not installed");
            Copy(program, Path.Combine(root, "bin", name));
            foreach (var library in await LibrariesAsync(programs, program).ConfigureAwait(false))
            {
                Copy(library, root + library);
            }
        }
        var archive = Path.Combine(directory, "image.tar");
        await TarFile.CreateFromDirectoryAsync(root, archive, includeBaseDirectory: false).ConfigureAwait(false);
        Directory.Delete(root, recursive: true);
        return archive;
    }

    /// <summary>The absolute paths in what ldd(1) says.</summary>
    private static async Task<IEnumerable<string>> LibrariesAsync(PeerPrograms programs, string program) =>
        (await programs.RunAsync("ldd", program).ConfigureAwait(false))
            .Split((char[])[' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries)
            .Where(w => w.StartsWith('/'))
            .ToArray();

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        File.Copy(from, to, overwrite: true);
    }
}
