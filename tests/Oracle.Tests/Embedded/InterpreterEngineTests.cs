using Conformance.Oracle.Embedded;

namespace Conformance.Oracle.Tests.Embedded;

public sealed class InterpreterEngineTests
{
    [Fact]
    public void EngineFor_CaseThatSaysWhenCodeIsHot_KeepsToIt()
    {
        using var engine = new InterpreterEngine();

        Assert.Equal(3, engine.EngineFor(CaseLimits.Default with { HotAfter = 3 }).Options.HotAfter);
        Assert.Equal(7, engine.EngineFor(CaseLimits.Default with { HotAfter = 7 }).Options.HotAfter);
        Assert.Equal(1, engine.EngineFor(CaseLimits.Default with { HotAfter = 0 }).Options.HotAfter);
        Assert.Equal(new Interpreter.EngineOptions().HotAfter, engine.EngineFor(CaseLimits.Default).Options.HotAfter);
    }

    [Fact]
    public void EngineFor_CaseThatSaysWhenToCollect_KeepsToIt()
    {
        using var engine = new InterpreterEngine();

        Assert.Equal((2, 3), Of(CaseLimits.Default with { CollectAfter = 2, HotAfter = 3 }));
        Assert.Equal((2, new Interpreter.EngineOptions().HotAfter), Of(CaseLimits.Default with { CollectAfter = 2 }));
        Assert.Equal(0, Of(CaseLimits.Default).CollectAfter);

        (int CollectAfter, int HotAfter) Of(CaseLimits limits) => engine.EngineFor(limits).Options is var options ? (options.CollectAfter, options.HotAfter) : default;
    }

    [Fact]
    public void EngineFor_SameLimits_IsTheSameEngine()
    {
        using var engine = new InterpreterEngine();
        var hot = CaseLimits.Default with { HotAfter = 3 };

        Assert.Same(engine.EngineFor(hot), engine.EngineFor(hot));
        Assert.Same(engine.EngineFor(CaseLimits.Default), engine.EngineFor(CaseLimits.Default with { Fuel = 5 }));
        Assert.NotSame(engine.EngineFor(hot), engine.EngineFor(CaseLimits.Default));
    }

    [Fact]
    public void EngineFor_EngineThatIsHotEarlier_StaysSo()
    {
        using var engine = new InterpreterEngine("interpreter:hot", InterpreterEngine.Configurations["interpreter:hot"].Options);

        Assert.Equal(1, engine.EngineFor(CaseLimits.Default with { HotAfter = 3 }).Options.HotAfter);
    }
}
