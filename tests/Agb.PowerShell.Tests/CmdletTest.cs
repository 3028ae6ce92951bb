using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Agb.PowerShell.TestService;
using Shell = System.Management.Automation.PowerShell;

namespace Agb.PowerShell.Tests;

/// <summary>Scripts in a runspace with the module, on a service in memory: <c>$connection</c> and <c>$service</c>.</summary>
public abstract class CmdletTest : IClassFixture<ModuleRunspace>, IDisposable
{
    private readonly Runspace _runspace;

    /// <summary>Gives a test a fresh service.</summary>
    /// <param name="module">The runspace of the class.</param>
    protected CmdletTest(ModuleRunspace module)
    {
        _runspace = module.Runspace;
        Folder = Directory.CreateTempSubdirectory("agb-cmdlets-").FullName;
        Set("folder", Folder);
        Set("service", Service);
        Set("connection", new AgbConnection(Service));
        Set("PSDefaultParameterValues", new DefaultParameterDictionary());
        Run("Set-Location $folder; $Error.Clear()");
    }

    /// <summary>The service behind the cmdlets.</summary>
    protected MemoryService Service { get; } = new();

    /// <summary>An empty folder, and the location of scripts: <c>$folder</c>.</summary>
    protected string Folder { get; }

    /// <summary>Calls of the service, in order.</summary>
    protected IEnumerable<string> Calls => Service.Calls;

    /// <summary>Stores a text as a file of a context: a version of its own.</summary>
    protected void Store(AgbContext context, string path, string text, DateTimeOffset? time = null) =>
        Service.Store(new ContextId(context.Id), path, text, time);

    /// <summary>Sets a variable of the runspace.</summary>
    protected void Set(string name, object? value) => _runspace.SessionStateProxy.SetVariable(name, value);

    /// <summary>Makes <c>$connection</c> the default of all cmdlets.</summary>
    protected void UseConnection() => Run("$PSDefaultParameterValues['*-Agb*:Connection'] = $connection");

    /// <summary>Runs a script that writes no error.</summary>
    /// <returns>Its output.</returns>
    protected PSObject[] Run(string script)
    {
        using var shell = Create(script);
        PSObject[] output = [.. shell.Invoke()];
        shell.Streams.Error.ShouldBeEmpty();
        return output;
    }

    /// <summary>Runs a script with one output.</summary>
    protected T One<T>(string script) => (T)Run(script).ShouldHaveSingleItem().BaseObject;

    /// <summary>Runs a script and emits the text of each output.</summary>
    protected string[] Texts(string script) => [.. Run(script).Select(o => o?.ToString() ?? "")];

    /// <summary>The first error of a script. It stops the script.</summary>
    protected ErrorRecord ErrorOf(string script)
    {
        using var shell = Create("$ErrorActionPreference = 'Stop'\n" + script);
        return Should.Throw<RuntimeException>(() => shell.Invoke()).ErrorRecord;
    }

    /// <summary>The stable id of the first error of a script.</summary>
    protected string ErrorIdOf(string script) => IdOf(ErrorOf(script));

    /// <summary>The stable id of an error.</summary>
    protected static string IdOf(ErrorRecord record) => record.FullyQualifiedErrorId.Split(',')[0];

    /// <summary>The completions of the end of a line.</summary>
    protected string[] Complete(string line)
    {
        using var shell = Create("");
        shell.Commands.Clear();
        return [.. CommandCompletion.CompleteInput(line, line.Length, null, shell).CompletionMatches.Select(m => m.CompletionText)];
    }

    /// <summary>A shell on the runspace with a script.</summary>
    protected Shell Create(string script)
    {
        var shell = Shell.Create(_runspace);
        shell.AddScript(script, useLocalScope: true);
        return shell;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Removes the folder.</summary>
    protected virtual void Dispose(bool disposing)
    {
        Run("Set-Location /");
        Directory.Delete(Folder, recursive: true);
    }
}
