import { startServer } from '../postgres-server/start-server.ts'
import { openPostgres } from './index.ts'
import { Connection } from './connection.ts'
import { aRun, anItem } from '../conformance/rows.ts'
const server = await startServer({settings:{autovacuum:'on'}})
const db = await openPostgres({ url: server.url, schema: 's' })
const c = await Connection.open({url:server.url,schema:'s',settings:{}})
let n=0
const first=await db.reserveKeys(10_000_000); let k=first
const bulk=async(count:number, over:(i:number)=>any)=>{ for(let i=0;i<count;i+=1000){const ch:any[]=[]; for(let j=0;j<Math.min(1000,count);j++){const run=k++; const o=over(i+j); ch.push({put:'run',row:aRun({key:run,fn:o.fn??1})},{put:'item',row:anItem({key:k++,run,...o})})} await db.finish({number:++n,writes:[{fence:null,rev:null,changes:ch}]})} }
const med=(a:number[])=>a.sort((x,y)=>x-y)[a.length>>1]!
import { readFileSync, readdirSync } from 'node:fs'
const cpu = () => { let t=0; for (const d of readdirSync('/proc')) { if(!/^\d+$/.test(d)) continue; try { const s=readFileSync(`/proc/${d}/stat`,'utf8'); const f=s.slice(s.lastIndexOf(')')+2).split(' '); if (Number(f[1])===server.pid || Number(d)===server.pid) t+=Number(f[11])+Number(f[12]) } catch {} } return t*10 }
const measure=async(what:string)=>{ const run=async(needs:any,N=300)=>{ let f:any; for(let i=0;i<50;i++){f=await db.begin(needs,[],[]);await db.rollback()} const ts:number[]=[]; const c0=cpu(); for(let i=0;i<N;i++){const a=performance.now(); f=await db.begin(needs,[],[]); ts.push(performance.now()-a); await db.rollback()} return {f, cpu:((cpu()-c0)/N).toFixed(2), ms:med(ts).toFixed(2)} }
 const x=await run({ready:{readyMax:100,dueMax:100,skip:[]}}), y=await run({limits:[{name:'big',take:1}]})
 console.log(what,'claim of',x.f.ready.length,x.ms,'ms, PG CPU',x.cpu,'ms; head of a line',y.f.lines[0]!.items.length,y.ms,'ms, PG CPU',y.cpu) }
await bulk(200,(i)=>({fn:1+i%20}))
await measure('empty, 200 ready:'); await measure('empty, 200 ready:')
await bulk(50_000,(i)=>({fn:1,state:'blocked',limits:['big'],line:'big',rank:i}))
await bulk(50_000,(i)=>({fn:1+i%20,state:'blocked',limits:['key:'+i%1000],line:'key:'+i%1000,rank:i}))
await bulk(100_000,(i)=>({fn:1+i%20,state:'sleeping',kind:'sleep',due:Date.now()+86_400_000+i}))
await measure('+100,000 blocked, 100,000 sleeping:')
await c.run('ANALYZE')
await measure('the same, analysed:')
await bulk(50_000,(i)=>({fn:2}))
await measure('+50,000 ready of one function:')
await db.close(); await c.end(); await server.stop(); process.exit(0)
