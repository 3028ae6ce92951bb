using System.Management.Automation;

namespace Agb.PowerShell.Hosting;

/// <summary>Runs a script block for a cmdlet: in the pipeline of the cmdlet, so that what it writes to any stream goes there
/// as it comes, and a stop of the pipeline stops it too.</summary>
internal static class ScriptRun
{
    // The command is evaluated before its argument, which turns what is piped in from both into the item alone: so the block
    // sees the item as $_ and as its first argument, and no variable of ours. It has a scope of its own, as a function has.
    private static readonly ScriptBlock s_wrapper = ScriptBlock.Create("& { process { & $_.Block ($_ = $_.Item) } }");

    /// <summary>Runs the block once.</summary>
    internal static void Run(PSCmdlet cmdlet, ScriptBlock block, object item)
    {
        var both = new PSObject();
        both.Properties.Add(new PSNoteProperty("Block", block));
        both.Properties.Add(new PSNoteProperty("Item", item));
        using var pipeline = s_wrapper.GetSteppablePipeline(CommandOrigin.Internal);
        // Not Begin(cmdlet), which takes what the cmdlet was piped for what the block is piped.
        pipeline.Begin(expectInput: true, (EngineIntrinsics)cmdlet.GetVariableValue("ExecutionContext"));
        pipeline.Process(both);
        pipeline.End();
    }
}
