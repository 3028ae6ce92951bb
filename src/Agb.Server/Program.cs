using Agb.Linux;

namespace Agb.Server;

/// <summary>The command line of Agb.Server.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        ChildSignal.BeDefault();
        var root = CommandTree.Create(Console.Out, Console.Error);
        // Without a command, show the help.
        var parsed = root.Parse(arguments is [] or ["help"] ? ["--help"] : arguments);
        var wrong = parsed.Errors.Count > 0;
        // Ctrl+C and SIGTERM stop in good order, within the time for open calls; a second Ctrl+C ends the process.
        var code = await parsed.InvokeAsync(new() { ProcessTerminationTimeout = TimeSpan.FromMinutes(2) }).ConfigureAwait(false);
        return wrong ? CommandTree.UsageError : code;
    }
}
